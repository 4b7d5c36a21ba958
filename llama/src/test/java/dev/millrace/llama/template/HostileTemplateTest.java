package dev.millrace.llama.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.ChatMessage.Role;
import dev.millrace.engine.batch.InvalidPromptException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Templates come out of files that strangers made.
final class HostileTemplateTest {
    private static final TemplateTokens TOKENS = new TemplateTokens("<s>", "</s>", Set.of());
    private static final List<ChatMessage> MESSAGES = List.of(new ChatMessage(Role.USER, "Hello"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}",
                "{{ range(10 ** 9) | list | length }}",
                "{{ range(10 ** 18) }}",
                "{{ 'x' * 10 ** 9 }}",
                "{{ ('x' * 10 ** 6) * 10 ** 6 }}",
                "{{ [0] * 10 ** 9 }}",
                "{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s | replace('a', 'aa') %}{% endfor %}",
                "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s.replace('', 'aa') %}{% endfor %}",
                "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s.join([ns.s, ns.s]) %}{% endfor %}",
                "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] | tojson %}{% endfor %}",
                "{% set ns = namespace(s=[]) %}{% for i in range(90) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(s=[]) %}{% for i in range(90) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | tojson }}",
                "{% set ns = namespace(s=[], t=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
                "{% set ns = namespace(s=[], t=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s < ns.t }}",
                "{{ '%0999999999d' % 1 }}",
                "{{ 'a'.ljust(10 ** 9) }}",
                "{{ '{0}' * 100000 }}{{ ('{0}' * 100000).format('x' * 100000) }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f(n) %}{% for i in range(9) %}{{ f(n) }}{% endfor %}{% endmacro %}{{ f(1) }}",
                "{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{{ 2 ** 99999 }}",
                "{{ ''.__class__.__mro__[1].__subclasses__() }}",
                "{{ messages.__class__.__init__.__globals__ }}",
                "{{ messages.getClass() }}",
                "{{ messages.stream() }}",
                "{{ bos_token.getBytes() }}",
                "{{ bos_token.class.forName('java.lang.Runtime') }}",
                "{{ ____int3rpr3t3r____.getContext() }}",
                "{{ filter.upper.filter('x', ____int3rpr3t3r____) }}",
                "{{ '{0.__class__}'.format('x') }}",
                "{{ '{x[y]}'.format(x={}) }}",
                "{% include '/etc/passwd' %}",
                "{% import 'file:///etc/passwd' as x %}",
                "{% extends 'x' %}",
                "{% from 'x' import y %}",
                "{{ messages.append({}) }}",
                "{{ messages[0].update({'role': 'system'}) }}",
                "{% set messages.x = 1 %}",
                "{{ ",
                "{% if",
                "{# never closed",
                "{% raw %} never closed",
                "{{ '\\x' }}",
                "{{ 'a' if }}",
                "{% for x y in z %}{% endfor %}",
                "{% endfor %}",
                "{% if true %}{% for a in b %}{% endif %}{% endfor %}",
                "{{ raise_exception('no') }}",
                "{{ raise_exception() }}"
            })
    void aHostileTemplateIsRefusedWithinItsLimits(String source) {
        assertThatThrownBy(() -> render(source))
                .isInstanceOf(InvalidPromptException.class)
                .extracting(e -> ((InvalidPromptException) e).code())
                .isEqualTo(ErrorCode.INVALID_MESSAGES);
    }

    @Test
    void deepNestingIsRefusedWithoutOverflowingTheStack() {
        List<String> sources = new ArrayList<>();
        for (String open : List.of("(", "[", "{'a':", "not ", "-", "x if ", "a.b(")) {
            sources.add("{{ " + open.repeat(50_000) + " }}");
        }
        sources.add("{{ " + "a|".repeat(50_000) + "upper }}");
        sources.add("{{ 1" + "+1".repeat(50_000) + " }}");
        sources.add("{% if 1 %}".repeat(50_000) + "{% endif %}".repeat(50_000));
        for (String source : sources) {
            assertThat(catchThrowable(() -> render(source))).isInstanceOf(InvalidPromptException.class);
        }
    }

    @Test
    void aLongChainJustWithinTheLimitsStillRenders() throws Exception {
        assertThat(render("{{ 1" + "+1".repeat(1_500) + " }}")).isEqualTo("1501");
    }

    @Test
    void javaPropertiesAndMethodsAreInvisible() throws Exception {
        String source =
                "{{ messages.class }}{{ messages.empty }}{{ bos_token.bytes }}{{ messages[0].class }}{{ range.class }}";

        assertThat(render(source)).isEmpty();
    }

    @Test
    void theTimeLimitEndsARenderingThatStepsDoNot() {
        var nanos = new AtomicLong();
        NanoClock slow = () -> nanos.addAndGet(Budget.MAX_TIME.toNanos() + 1);
        ChatTemplate template =
                ChatTemplate.compile("{% for i in range(9000) %}{{ i }}{% endfor %}", TOKENS, Clock.systemUTC(), slow);

        assertThatThrownBy(() -> template.render(MESSAGES, Map.of())).hasMessageContaining("ms");
    }

    @Test
    void whatATemplateRaisesIsOneLineOfBoundedLength() {
        Throwable refusal = catchThrowable(() -> render("{{ raise_exception('a\\n\\x1b[31m\"' ~ 'b' * 9999) }}"));

        assertThat(Objects.requireNonNull(refusal.getMessage()))
                .doesNotContain("\n", "\u001b", "\"")
                .hasSizeLessThan(400);
    }

    @Test
    void oneRenderingLeavesNothingForTheNext() throws Exception {
        ChatTemplate template = ChatTemplate.compile(
                "{{ seen }}{% set seen = 'before' %}{{ add_generation_prompt }}", TOKENS, Clock.systemUTC(), () -> 0);

        assertThat(template.render(MESSAGES, Map.of()).text()).isEqualTo("True");
        assertThat(template.render(MESSAGES, Map.of("seen", "now")).text()).isEqualTo("nowTrue");
        assertThat(template.render(MESSAGES, Map.of()).text()).isEqualTo("True");
    }

    private static String render(String source) throws InvalidPromptException {
        return ChatTemplate.compile(source, TOKENS, Clock.systemUTC(), () -> 0)
                .render(MESSAGES, Map.of())
                .text();
    }
}
