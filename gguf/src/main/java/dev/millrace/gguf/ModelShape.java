package dev.millrace.gguf;

import static dev.millrace.gguf.Saturated.plus;
import static dev.millrace.gguf.Saturated.times;

/// The lengths of a model that decide over its memory, all zero or more; what a header does not say is assumed from
/// above. *Immutable.*
///
/// @param kvNumbers numbers in the KV cache per token, of all layers
/// @param stateNumbers numbers in the state of recurrent layers per sequence, of all layers
/// @param heads most heads of a layer
/// @param width of what goes from layer to layer
/// @param inner largest width inside a layer
/// @param vocabulary tokens
record ModelShape(long kvNumbers, long stateNumbers, long heads, long width, long inner, long vocabulary) {
    private static final int UNKNOWN_WIDTH = 8192;
    private static final int MAX_LENGTH = 1 << 28;

    static ModelShape of(GgufFile file, GgufWeights weights) {
        return new Reading(file).shape(weights);
    }

    private record Reading(GgufFile file) {
        ModelShape shape(GgufWeights weights) {
            int layers = (int) number("block_count", weights.blocks());
            long width = number("embedding_length", UNKNOWN_WIDTH);
            long inner = Math.max(most(file.metadata().perLayer(key("feed_forward_length"))), expertWidth());
            inner = Math.max(inner == 0 ? 4 * width : inner, number("ssm.inner_size", 0));
            long heads = most(heads());
            return new ModelShape(
                    kv(layers, width),
                    state(layers, width),
                    heads,
                    width,
                    inner,
                    file.summary().vocabularyTokens());
        }

        private long expertWidth() {
            return times(number("expert_feed_forward_length", 0), number("expert_used_count", 1));
        }

        private long kv(int layers, long width) {
            long[] heads = heads();
            long[] kvHeads = file.metadata().perLayer(key("attention.head_count_kv"));
            long[] counted = kvHeads.length == 0 ? heads : kvHeads;
            boolean unknown = counted.length == 0;
            if (unknown && file.metadata().contains(key("ssm.state_size"))) {
                return 0;
            }
            long head = Math.max(1, most(heads));
            long keys = number("attention.key_length", (width + head - 1) / head);
            long both = keys + number("attention.value_length", keys);
            long numbers = 0;
            for (int layer = 0; layer < layers; layer++) {
                // With no heads in a header there is one, as wide as the layer.
                numbers = plus(numbers, times(unknown ? 1 : at(counted, layer), both));
            }
            return numbers;
        }

        private long state(int layers, long width) {
            long inner = number("ssm.inner_size", 0);
            long convolution = Math.max(0, number("ssm.conv_kernel", 0) - 1);
            long size = number("ssm.state_size", 0);
            // A model of both kinds counts as recurrent in all layers: headers do not tell which are.
            long perLayer = plus(
                    times(convolution, plus(inner, times(2, number("ssm.group_count", 0), size))),
                    times(inner, size),
                    times(Math.max(0, number("shortconv.l_cache", 0) - 1), width),
                    wkv() ? times(plus(2, number("wkv.head_size", 0)), width) : 0);
            return times(layers, perLayer);
        }

        private boolean wkv() {
            return file.metadata().contains(key("wkv.head_size"));
        }

        private long[] heads() {
            return file.metadata().perLayer(key("attention.head_count"));
        }

        private long number(String key, long otherwise) {
            return Math.clamp(file.metadata().whole(key(key)).orElse(otherwise), 0, MAX_LENGTH);
        }

        private String key(String key) {
            return file.summary().architecture() + "." + key;
        }
    }

    private static long most(long[] values) {
        long most = 0;
        for (long value : values) {
            most = Math.max(most, Math.min(value, MAX_LENGTH));
        }
        return most;
    }

    private static long at(long[] values, int layer) {
        long value = values.length == 1 ? values[0] : layer < values.length ? values[layer] : most(values);
        return Math.clamp(value, 0, MAX_LENGTH);
    }
}
