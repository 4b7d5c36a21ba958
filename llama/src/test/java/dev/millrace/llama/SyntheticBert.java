package dev.millrace.llama;

import dev.millrace.testing.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Makes a small model of the BERT architecture with random weights and a made-up WordPiece vocabulary: it reads both
/// ways, keeps no cache and generates nothing.
final class SyntheticBert {
    static final int CONTEXT = 96;
    static final int WIDTH = 32;
    static final int CLS = 2;
    static final int SEP = 3;

    private static final int LAYERS = 2;
    private static final int HEADS = 2;
    private static final int FEED_FORWARD = 64;
    private static final int NORMAL_PIECE = 1;
    private static final int CONTROL_PIECE = 3;

    private final Random random = new Random(20_261_127);
    private final GgufWriter gguf = new GgufWriter();

    private SyntheticBert() {}

    /// @param pooling as `llama_pooling_type` counts
    static Path write(Path file, int pooling) throws IOException {
        new SyntheticBert().writeTo(file, pooling);
        return file;
    }

    private void writeTo(Path file, int pooling) throws IOException {
        List<String> pieces = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        int specials = pieces.size();
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add("▁" + c);
            pieces.add(String.valueOf(c));
        }
        pieces.addAll(List.of("▁mill", "▁bread", "▁water", "race", "▁the"));
        List<Integer> types = new ArrayList<>();
        List<Float> scores = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            types.add(i < specials ? CONTROL_PIECE : NORMAL_PIECE);
            scores.add(-1000f);
        }
        gguf.text("general.architecture", "bert")
                .text("general.name", "synthetic bert")
                .number("bert.context_length", CONTEXT)
                .number("bert.embedding_length", WIDTH)
                .number("bert.block_count", LAYERS)
                .number("bert.feed_forward_length", FEED_FORWARD)
                .number("bert.attention.head_count", HEADS)
                .real("bert.attention.layer_norm_epsilon", 1e-5f)
                .flag("bert.attention.causal", false)
                .number("bert.pooling_type", pooling)
                .text("tokenizer.ggml.model", "bert")
                .text("tokenizer.ggml.pre", "default")
                .number("tokenizer.ggml.token_type_count", 2)
                .texts("tokenizer.ggml.tokens", pieces)
                .reals("tokenizer.ggml.scores", scores)
                .integers("tokenizer.ggml.token_type", types)
                .number("tokenizer.ggml.unknown_token_id", 1)
                .number("tokenizer.ggml.bos_token_id", CLS)
                .number("tokenizer.ggml.cls_token_id", CLS)
                .number("tokenizer.ggml.seperator_token_id", SEP) // as the library spells it
                .number("tokenizer.ggml.padding_token_id", 0)
                .number("tokenizer.ggml.mask_token_id", 4);
        matrix("token_embd", WIDTH, pieces.size());
        matrix("token_types", WIDTH, 2);
        matrix("position_embd", WIDTH, CONTEXT);
        norm("token_embd_norm");
        for (int layer = 0; layer < LAYERS; layer++) {
            addLayer("blk." + layer + ".");
        }
        gguf.write(file);
    }

    private void addLayer(String prefix) {
        for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
            matrix(prefix + name, WIDTH, WIDTH);
            bias(prefix + name, WIDTH);
        }
        norm(prefix + "attn_output_norm");
        matrix(prefix + "ffn_up", WIDTH, FEED_FORWARD);
        bias(prefix + "ffn_up", FEED_FORWARD);
        matrix(prefix + "ffn_down", FEED_FORWARD, WIDTH);
        bias(prefix + "ffn_down", WIDTH);
        norm(prefix + "layer_output_norm");
    }

    private void norm(String name) {
        gguf.tensor(name + ".weight", GgufWriter.Type.F32, numbers(1, 0), WIDTH);
        bias(name, WIDTH);
    }

    private void bias(String name, int size) {
        gguf.tensor(name + ".bias", GgufWriter.Type.F32, numbers(0, 0.1), size);
    }

    private void matrix(String name, int in, int out) {
        gguf.tensor(name + ".weight", GgufWriter.Type.F32, numbers(0, 1), in, out);
    }

    private GgufWriter.Content numbers(double mean, double deviation) {
        return (out, count) -> {
            ByteBuffer buffer = ByteBuffer.allocate((int) count * 4).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                buffer.putFloat((float) (mean + random.nextGaussian() * deviation));
            }
            out.write(buffer.array());
        };
    }
}
