package dev.millrace.gguf;

import dev.millrace.gguf.GgufMetadata.Value;
import java.util.List;
import java.util.OptionalLong;

/// What entries must say so that llama.cpp neither divides by zero nor reads outside a list nor ends the process. Only
/// what can never be right is refused; a value that llama.cpp itself answers with an error is left to it. *Confined to
/// one thread.*
final class ModelRules {
    // LLAMA_MAX_LAYERS of llama.cpp: it has arrays of that length.
    private static final int MAX_BLOCKS = 512;
    private static final int MAX_HEADS = 1 << 16;
    private static final int MAX_WIDTH = 1 << 24;
    private static final int MAX_EXPERTS = 1 << 16;
    private static final int MAX_SHARDS = 99_999;
    /// Some files say so where they mean that there is no such token.
    private static final long NO_TOKEN = 0xffff_ffffL;

    private static final String TOKENS = TokenTexts.KEY;

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final GgufInput in;
    private final String architecture;

    private ModelRules(GgufFile file, GgufInput in) {
        this.file = file;
        this.metadata = file.metadata();
        this.in = in;
        this.architecture = file.summary().architecture();
    }

    /// @param in where the file came from, for messages
    static void check(GgufFile file, GgufInput in) throws InvalidGgufException {
        ModelRules rules = new ModelRules(file, in);
        rules.checkSplit();
        rules.checkArchitecture();
        rules.checkShape();
        rules.checkNorms();
        rules.checkExperts();
        rules.checkVocabulary();
    }

    private void checkSplit() throws InvalidGgufException {
        long count = whole("split.count", 0, MAX_SHARDS).orElse(0);
        long index = whole("split.no", 0, MAX_SHARDS).orElse(0);
        if (index >= Math.max(1, count)) {
            throw in.damaged("split.no: " + index + " (expected: less than split.count, " + count + ")");
        }
        OptionalLong tensors = whole("split.tensors.count", 0, Integer.MAX_VALUE);
        if (count > 0
                && tensors.isPresent()
                && tensors.getAsLong() < file.weights().tensors()) {
            throw in.damaged("split.tensors.count: " + tensors.getAsLong() + " (expected: "
                    + file.weights().tensors() + " or more)");
        }
    }

    // Later shards of a split model have no entries but those of the split; what is no model may have no architecture.
    private void checkArchitecture() throws InvalidGgufException {
        for (String key : List.of("general.architecture", "general.type")) {
            if (metadata.contains(key) && metadata.text(key).isEmpty()) {
                throw in.damaged(key + " is no text");
            }
        }
        boolean model = metadata.text("general.type").orElse("model").equals("model");
        if (architecture.isEmpty() && model && file.summary().shardIndex() == 0) {
            throw in.damaged("general.architecture is missing");
        }
    }

    private void checkShape() throws InvalidGgufException {
        whole(architecture + ".block_count", 1, MAX_BLOCKS);
        whole(architecture + ".context_length", 1, Integer.MAX_VALUE);
        long width = whole(architecture + ".embedding_length", 1, MAX_WIDTH).orElse(0);
        long[] heads = perLayer(architecture + ".attention.head_count");
        long[] kvHeads = perLayer(architecture + ".attention.head_count_kv");
        if (!file.weights().attention()) {
            return;
        }
        if (heads.length == 1 && heads[0] == 0) {
            throw in.damaged(architecture + ".attention.head_count: 0 (expected: 1.." + MAX_HEADS + ")");
        }
        if (heads.length == 1 && width % heads[0] != 0 && !metadata.contains(architecture + ".attention.key_length")) {
            throw in.damaged(architecture + ".embedding_length: " + width + " (expected: a multiple of the " + heads[0]
                    + " heads)");
        }
        for (int i = 0; i < Math.max(heads.length, kvHeads.length) && heads.length > 0; i++) {
            checkGroups(at(heads, i), at(kvHeads, i));
        }
    }

    private void checkGroups(long heads, long kvHeads) throws InvalidGgufException {
        if (kvHeads > 0 && heads % kvHeads != 0) {
            throw in.damaged(architecture + ".attention.head_count_kv: " + kvHeads + " (expected: a divisor of the "
                    + heads + " heads)");
        }
    }

    private static long at(long[] values, int layer) {
        return switch (values.length) {
            case 0 -> 0;
            case 1 -> values[0];
            default -> layer < values.length ? values[layer] : 0;
        };
    }

    // ggml asserts that they are 0 or more, in the middle of the first step.
    private void checkNorms() throws InvalidGgufException {
        for (String norm : List.of("layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon")) {
            String key = architecture + ".attention." + norm;
            if (metadata.value(key) instanceof Value.Scalar scalar && scalar.type() == ValueType.F32) {
                double epsilon = Double.longBitsToDouble(scalar.bits());
                if (!(epsilon >= 0)) {
                    throw in.damaged(key + ": " + epsilon + " (expected: 0 or more)");
                }
            }
        }
    }

    private void checkExperts() throws InvalidGgufException {
        long experts = whole(architecture + ".expert_count", 0, MAX_EXPERTS).orElse(0);
        OptionalLong used = whole(architecture + ".expert_used_count", 0, MAX_EXPERTS);
        if (used.isPresent() && (used.getAsLong() > experts || (experts > 0 && used.getAsLong() == 0))) {
            throw in.damaged(architecture + ".expert_used_count: " + used.getAsLong() + " (expected: "
                    + Math.min(1, experts) + ".." + experts + ")");
        }
    }

    private void checkVocabulary() throws InvalidGgufException {
        Value tokens = metadata.value(TOKENS);
        if (tokens == null) {
            return;
        }
        if (!(tokens instanceof Value.Listed list) || list.type() != ValueType.TEXT) {
            throw in.damaged(TOKENS + " is no list of texts");
        }
        checkBeside("tokenizer.ggml.scores", list.count(), List.of(ValueType.F32));
        checkBeside("tokenizer.ggml.token_type", list.count(), List.of(ValueType.I32, ValueType.U32));
        checkToken("tokenizer.ggml.bos_token_id", list.count());
        checkToken("tokenizer.ggml.eos_token_id", list.count());
    }

    // llama.cpp reads as many elements as there are tokens, of a type it does not check.
    private void checkBeside(String key, long tokens, List<ValueType> types) throws InvalidGgufException {
        Value value = metadata.value(key);
        if (value == null) {
            return;
        }
        if (!(value instanceof Value.Listed list) || !types.contains(list.type())) {
            throw in.damaged(key + " is no list of " + types.getFirst());
        }
        if (list.count() != tokens && list.count() != 0) {
            throw in.damaged(
                    key + ": " + list.count() + " elements (expected: " + tokens + ", as many as there are tokens)");
        }
    }

    private void checkToken(String key, long tokens) throws InvalidGgufException {
        OptionalLong token = whole(key, Integer.MIN_VALUE, NO_TOKEN);
        if (token.isPresent() && token.getAsLong() >= tokens && token.getAsLong() != NO_TOKEN) {
            throw in.damaged(key + ": " + token.getAsLong() + " (expected: 0.." + (tokens - 1) + ")");
        }
    }

    private OptionalLong whole(String key, long min, long max) throws InvalidGgufException {
        Value value = metadata.value(key);
        if (value == null || value instanceof Value.Listed) {
            return OptionalLong.empty();
        }
        OptionalLong number = metadata.whole(key);
        if (number.isEmpty()) {
            throw in.damaged(key + " is no whole number");
        }
        checkRange(key, number.getAsLong(), min, max);
        return number;
    }

    private long[] perLayer(String key) throws InvalidGgufException {
        whole(key, 0, MAX_HEADS);
        long[] numbers = metadata.perLayer(key);
        for (long number : numbers) {
            checkRange(key, number, 0, MAX_HEADS);
        }
        return numbers;
    }

    private void checkRange(String key, long number, long min, long max) throws InvalidGgufException {
        if (number < min || number > max) {
            throw in.damaged(key + ": " + number + " (expected: " + min + ".." + max + ")");
        }
    }
}
