package dev.millrace.gateway.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.json.CanonicalJson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Every field that a request may have, each changed alone: no two of these requests may share an answer.
class CacheKeyFieldsTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final String EMBEDDINGS = "/v1/embeddings";

    /// Fields that chat and completions share: a name, and values that all differ.
    private static final List<List<String>> GENERATION = List.of(
            List.of("model", "'m'", "'M'", "'m '"),
            List.of("stream", "false", "true"),
            List.of("stream_options", "{'include_usage':true}", "{'include_usage':false}", "{}"),
            List.of("max_tokens", "16", "17"),
            List.of("max_completion_tokens", "16", "17"),
            List.of("min_tokens", "0", "1"),
            List.of("temperature", "0", "0.0001", "1"),
            List.of("top_p", "1", "0.95", "0.9500000000000000001"),
            List.of("top_k", "40", "0"),
            List.of("min_p", "0", "0.05"),
            List.of("repeat_penalty", "1", "1.1"),
            List.of("repetition_penalty", "1", "1.1"),
            List.of("repeat_last_n", "64", "-1"),
            List.of("presence_penalty", "0", "-0.5"),
            List.of("frequency_penalty", "0", "0.5"),
            List.of("seed", "9007199254740992", "9007199254740993", "'9007199254740992'"),
            List.of("n", "1", "2"),
            List.of("stop", "'a'", "['a']", "['a','b']", "['b','a']"),
            List.of("ignore_eos", "false", "true"),
            List.of("logit_bias", "{}", "{'1':1}", "{'1':2}", "{'2':1}"),
            List.of("keep_alive", "'5m'", "300", "-1"),
            List.of("cache_prompt", "true", "false"),
            List.of("user", "'u'", "'v'"),
            List.of("metadata", "{'a':'1'}", "{'a':'2'}", "{'b':'1'}"));

    private static final List<List<String>> CHAT_ONLY = List.of(
            List.of(
                    "messages",
                    "[{'role':'user','content':'Hi'}]",
                    "[{'role':'user','content':'Hi '}]",
                    "[{'role':'user','content':'hi'}]",
                    "[{'role':'system','content':'Hi'}]",
                    "[{'role':'user','content':'Hi','name':'x'}]",
                    "[{'role':'user','content':[{'type':'text','text':'Hi'}]}]",
                    "[{'role':'user','content':'Hi'},{'role':'assistant','content':'Ho'}]",
                    "[{'role':'assistant','content':'Ho'},{'role':'user','content':'Hi'}]"),
            List.of("logprobs", "false", "true"),
            List.of("top_logprobs", "0", "3"),
            List.of(
                    "response_format",
                    "{'type':'text'}",
                    "{'type':'json_object'}",
                    "{'type':'json_schema','json_schema':{'name':'s','schema':{'type':'object'}}}",
                    "{'type':'json_schema','json_schema':{'name':'s','schema':{'type':'array'}}}"),
            List.of(
                    "tools",
                    "[]",
                    "[{'type':'function','function':{'name':'f','parameters':{}}}]",
                    "[{'type':'function','function':{'name':'g','parameters':{}}}]"),
            List.of("tool_choice", "'auto'", "'none'", "{'type':'function','function':{'name':'f'}}"),
            List.of("parallel_tool_calls", "true", "false"),
            List.of("reasoning_effort", "'low'", "'high'"),
            List.of("chat_template_kwargs", "{}", "{'enable_thinking':false}", "{'enable_thinking':true}"));

    private static final List<List<String>> COMPLETIONS_ONLY = List.of(
            List.of("prompt", "'a'", "['a']", "['a','b']", "[1,2]", "[2,1]", "[[1],[2]]"),
            List.of("suffix", "''", "'x'"),
            List.of("echo", "false", "true"),
            List.of("best_of", "1", "2"),
            List.of("logprobs", "0", "3"));

    private static final List<List<String>> EMBEDDING = List.of(
            List.of("model", "'m'", "'M'"),
            List.of("input", "'a'", "['a']", "['a','b']", "['b','a']", "[1,2]", "[[1,2]]"),
            List.of("encoding_format", "'float'", "'base64'"),
            List.of("dimensions", "256", "512"),
            List.of("user", "'u'", "'v'"));

    @Test
    void everyChangeOfOneFieldOfAChatChangesTheKey() {
        assertAllDiffer(CHAT, join(GENERATION, CHAT_ONLY));
    }

    @Test
    void everyChangeOfOneFieldOfACompletionChangesTheKey() {
        assertAllDiffer(COMPLETIONS, join(GENERATION, COMPLETIONS_ONLY));
    }

    @Test
    void everyChangeOfOneFieldOfAnEmbeddingChangesTheKey() {
        assertAllDiffer(EMBEDDINGS, EMBEDDING);
    }

    @Test
    void anOmittedTemperatureIsNotZero() {
        assertThat(key(CHAT, "acme", "{\"model\":\"m\"}"))
                .isNotEqualTo(key(CHAT, "acme", "{\"model\":\"m\",\"temperature\":0}"));
    }

    @Test
    void anotherTenantOrOperationNeverHasTheKey() {
        String body = json(base(EMBEDDING));

        assertThat(List.of(
                        key(EMBEDDINGS, "acme", body), key(EMBEDDINGS, "acme2", body), key(COMPLETIONS, "acme", body)))
                .doesNotHaveDuplicates();
    }

    @Test
    void theOrderOfFieldsDoesNotChangeTheKey() {
        Map<String, String> base = base(join(GENERATION, CHAT_ONLY));
        List<String> names = new ArrayList<>(base.keySet());
        Collections.shuffle(names, new Random(3));
        Map<String, String> shuffled = new LinkedHashMap<>();
        names.forEach(name -> shuffled.put(name, base.getOrDefault(name, "")));

        assertThat(key(CHAT, "acme", json(shuffled))).isEqualTo(key(CHAT, "acme", json(base)));
    }

    /// One base request with all fields; each field in turn has its other values, is null, is omitted, or another,
    /// which
    /// nobody knows, comes along.
    private static void assertAllDiffer(String operation, List<List<String>> fields) {
        Map<CacheKey, String> seen = new HashMap<>();
        List<String> bodies = new ArrayList<>();
        bodies.add(json(base(fields)));
        for (List<String> field : fields) {
            List<String> values = new ArrayList<>(field.subList(2, field.size()));
            values.add("null");
            for (String value : values) {
                Map<String, String> changed = base(fields);
                changed.put(field.getFirst(), value);
                bodies.add(json(changed));
            }
            Map<String, String> without = base(fields);
            without.remove(field.getFirst());
            bodies.add(json(without));
        }
        for (String value : new String[] {"1", "2", "null", "{}"}) {
            Map<String, String> more = base(fields);
            more.put("nobody_knows_this", value);
            bodies.add(json(more));
        }
        for (String body : bodies) {
            String same = seen.put(key(operation, "acme", body), body);
            assertThat(same).as("the key of %s is also that of", body).isNull();
        }
        assertThat(seen).hasSizeGreaterThan(3 * fields.size());
    }

    private static List<List<String>> join(List<List<String>> some, List<List<String>> more) {
        List<List<String>> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private static Map<String, String> base(List<List<String>> fields) {
        Map<String, String> base = new LinkedHashMap<>();
        fields.forEach(field -> base.put(field.get(0), field.get(1)));
        return base;
    }

    private static String json(Map<String, String> fields) {
        List<String> members = new ArrayList<>();
        fields.forEach((name, value) -> members.add("'" + name + "':" + value));
        return "{" + String.join(",", members).replace('\'', '"') + "}";
    }

    private static CacheKey key(String operation, String tenant, String body) {
        return switch (CanonicalJson.of(body.getBytes(UTF_8))) {
            case CanonicalJson.Form form -> CacheKey.of(new CacheScope(tenant, operation, "m", "t", "e"), form.bytes());
            case CanonicalJson.Refused refused -> throw new AssertionError(refused + ": " + body);
        };
    }
}
