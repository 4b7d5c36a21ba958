package dev.millrace.llama;

import dev.millrace.testing.gguf.GgufWriter;
import dev.millrace.testing.gguf.GgufWriter.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/// Makes models of the Llama and Mamba architectures with random weights and a made-up SentencePiece vocabulary: the
/// same file
/// for the same shape. They answer nonsense, at the speed of a real model of that shape.
///
/// As a program: `SyntheticGguf FILE tiny|134m`.
public final class SyntheticGguf {
    /// About 0.4 M parameters and 420 tokens: for tests.
    static final Shape TINY = new Shape(Architecture.LLAMA, 2, 64, 4, 2, 128, 512, 0, GgufWriter.Type.F32);

    /// As small, with a recurrent state instead of a KV cache.
    static final Shape TINY_RECURRENT = new Shape(Architecture.MAMBA, 2, 64, 1, 1, 128, 512, 0, GgufWriter.Type.F32);

    /// 134 M parameters, 32,000 tokens, 8-bit: for measuring what the engine costs.
    static final Shape MEDIUM =
            new Shape(Architecture.LLAMA, 12, 768, 12, 12, 2048, 4096, 32_000, GgufWriter.Type.Q8_0);

    static final int BOS = 1;
    static final int EOS = 2;
    static final int TOOL = 5;
    static final String TEMPLATE = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}</s>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|assistant|>\n{% endif %}";

    // Of Mamba: width of the convolution, of the state of a channel, of the time steps.
    private static final int CONVOLUTION = 4;
    private static final int STATE = 16;
    private static final int TIME_STEP = 4;

    private static final int NORMAL_PIECE = 1;
    private static final int UNKNOWN_PIECE = 2;
    private static final int CONTROL_PIECE = 3;
    private static final int USER_DEFINED_PIECE = 4;
    private static final int BYTE_PIECE = 6;

    private final Shape shape;
    private final Consumer<GgufWriter> more;
    private final Random random = new Random(20_261_123);
    private final List<String> pieces = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();

    enum Architecture {
        LLAMA,
        MAMBA
    }

    /// @param feedForward inner width of a layer
    /// @param vocabulary tokens; 0 for no more than needed
    record Shape(
            Architecture architecture,
            int layers,
            int width,
            int heads,
            int kvHeads,
            int feedForward,
            int context,
            int vocabulary,
            GgufWriter.Type matrices) {}

    private SyntheticGguf(Shape shape, Consumer<GgufWriter> more) {
        this.shape = shape;
        this.more = more;
    }

    /// Entry point.
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("expected: FILE tiny|134m");
        }
        Shape shape = switch (arguments[1]) {
            case "tiny" -> TINY;
            case "134m" -> MEDIUM;
            default -> throw new IllegalArgumentException(arguments[1] + " (expected: tiny or 134m)");
        };
        write(Path.of(arguments[0]), shape);
    }

    static void write(Path file, Shape shape) throws IOException {
        write(file, shape, gguf -> {});
    }

    /// @param more adds to what the file says
    static void write(Path file, Shape shape, Consumer<GgufWriter> more) throws IOException {
        new SyntheticGguf(shape, more).write(file);
    }

    private void write(Path file) throws IOException {
        addVocabulary();
        GgufWriter gguf = new GgufWriter();
        addArchitecture(gguf);
        addTokenizer(gguf);
        more.accept(gguf);
        matrix(gguf, "token_embd", shape.width(), pieces.size());
        for (int layer = 0; layer < shape.layers(); layer++) {
            switch (shape.architecture()) {
                case LLAMA -> addLlamaLayer(gguf, "blk." + layer + ".");
                case MAMBA -> addMambaLayer(gguf, "blk." + layer + ".");
            }
        }
        ones(gguf, "output_norm");
        matrix(gguf, "output", shape.width(), pieces.size());
        gguf.write(file);
    }

    private void addArchitecture(GgufWriter gguf) {
        String name = shape.architecture().name().toLowerCase(Locale.ROOT);
        gguf.text("general.architecture", name)
                .text("general.name", "synthetic")
                .number("general.alignment", 32)
                .number(name + ".vocab_size", pieces.size())
                .number(name + ".context_length", shape.context())
                .number(name + ".embedding_length", shape.width())
                .number(name + ".block_count", shape.layers())
                .real(name + ".attention.layer_norm_rms_epsilon", 1e-5f);
        switch (shape.architecture()) {
            case LLAMA -> addAttention(gguf);
            case MAMBA -> addState(gguf);
        }
    }

    private void addState(GgufWriter gguf) {
        gguf.number("mamba.feed_forward_length", 0)
                .number("mamba.attention.head_count", 0)
                .number("mamba.ssm.conv_kernel", CONVOLUTION)
                .number("mamba.ssm.inner_size", shape.feedForward())
                .number("mamba.ssm.state_size", STATE)
                .number("mamba.ssm.time_step_rank", TIME_STEP);
    }

    private void addAttention(GgufWriter gguf) {
        gguf.number("llama.feed_forward_length", shape.feedForward())
                .number("llama.rope.dimension_count", shape.width() / shape.heads())
                .number("llama.attention.head_count", shape.heads())
                .number("llama.attention.head_count_kv", shape.kvHeads())
                .real("llama.rope.freq_base", 10_000);
    }

    private void addTokenizer(GgufWriter gguf) {
        List<Float> scores = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            scores.add(types.get(i) == NORMAL_PIECE ? -(float) i : 0f);
        }
        gguf.text("tokenizer.ggml.model", "llama")
                .text("tokenizer.ggml.pre", "default")
                .texts("tokenizer.ggml.tokens", pieces)
                .reals("tokenizer.ggml.scores", scores)
                .integers("tokenizer.ggml.token_type", types)
                .number("tokenizer.ggml.bos_token_id", BOS)
                .number("tokenizer.ggml.eos_token_id", EOS)
                .number("tokenizer.ggml.unknown_token_id", 0)
                .flag("tokenizer.ggml.add_bos_token", true)
                .flag("tokenizer.ggml.add_space_prefix", true)
                .text("tokenizer.chat_template", TEMPLATE);
    }

    private void addVocabulary() {
        add("<unk>", UNKNOWN_PIECE);
        add("<s>", CONTROL_PIECE);
        add("</s>", CONTROL_PIECE);
        add("<|user|>", CONTROL_PIECE);
        add("<|assistant|>", CONTROL_PIECE);
        add("<tool>", USER_DEFINED_PIECE);
        for (int b = 0; b < 256; b++) {
            add(String.format("<0x%02X>", b), BYTE_PIECE);
        }
        add("▁", NORMAL_PIECE);
        for (char c = '!'; c <= '~'; c++) {
            add(String.valueOf(c), NORMAL_PIECE);
        }
        // "s>" is a trap: "<" and "s>" merge to the control token "<s>" in plain text.
        for (String piece :
                "▁t he in er ▁a ou ▁the ▁s on re ▁o nd ▁w it ing ▁you ▁he llo ▁hello wor ld ▁wor ▁world s> é ü 你 好"
                        .split(" ", -1)) {
            add(piece, NORMAL_PIECE);
        }
        for (int i = 0; pieces.size() < shape.vocabulary(); i++) {
            add("▁" + word(i), NORMAL_PIECE);
        }
    }

    // Three letters and more, so that no piece is one that is there already.
    private static String word(int i) {
        StringBuilder word = new StringBuilder();
        for (int rest = i; word.length() < 4 || rest > 0; rest /= 26) {
            word.append((char) ('a' + rest % 26));
        }
        return word.toString();
    }

    private void add(String piece, int type) {
        pieces.add(piece);
        types.add(type);
    }

    private void addMambaLayer(GgufWriter gguf, String prefix) {
        int width = shape.width();
        int inner = shape.feedForward();
        ones(gguf, prefix + "attn_norm");
        matrix(gguf, prefix + "ssm_in", width, 2 * inner);
        gguf.tensor(prefix + "ssm_conv1d.weight", GgufWriter.Type.F32, content(0.5), CONVOLUTION, inner);
        gguf.tensor(prefix + "ssm_conv1d.bias", GgufWriter.Type.F32, content(0.1), inner);
        matrix(gguf, prefix + "ssm_x", inner, TIME_STEP + 2 * STATE);
        matrix(gguf, prefix + "ssm_dt", TIME_STEP, inner);
        gguf.tensor(prefix + "ssm_dt.bias", GgufWriter.Type.F32, constant(-1), inner);
        gguf.tensor(prefix + "ssm_a", GgufWriter.Type.F32, constant(-1), STATE, inner);
        gguf.tensor(prefix + "ssm_d", GgufWriter.Type.F32, constant(1), inner);
        matrix(gguf, prefix + "ssm_out", inner, width);
    }

    private void addLlamaLayer(GgufWriter gguf, String prefix) {
        int width = shape.width();
        int kvWidth = width / shape.heads() * shape.kvHeads();
        ones(gguf, prefix + "attn_norm");
        matrix(gguf, prefix + "attn_q", width, width);
        matrix(gguf, prefix + "attn_k", width, kvWidth);
        matrix(gguf, prefix + "attn_v", width, kvWidth);
        matrix(gguf, prefix + "attn_output", width, width);
        ones(gguf, prefix + "ffn_norm");
        matrix(gguf, prefix + "ffn_gate", width, shape.feedForward());
        matrix(gguf, prefix + "ffn_up", width, shape.feedForward());
        matrix(gguf, prefix + "ffn_down", shape.feedForward(), width);
    }

    private void ones(GgufWriter gguf, String name) {
        gguf.tensor(name + ".weight", GgufWriter.Type.F32, constant(1), shape.width());
    }

    private static Content constant(float value) {
        return (out, numbers) -> {
            ByteBuffer buffer = ByteBuffer.allocate((int) numbers * 4).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < numbers; i++) {
                buffer.putFloat(value);
            }
            out.write(buffer.array());
        };
    }

    private Content content(double deviation) {
        return content(GgufWriter.Type.F32, deviation);
    }

    private void matrix(GgufWriter gguf, String name, int in, int out) {
        double deviation = 1 / Math.sqrt(in);
        gguf.tensor(name + ".weight", shape.matrices(), content(shape.matrices(), deviation), in, out);
    }

    private Content content(GgufWriter.Type type, double deviation) {
        return switch (type) {
            case F32 ->
                (out, numbers) -> {
                    ByteBuffer buffer = ByteBuffer.allocate((int) numbers * 4).order(ByteOrder.LITTLE_ENDIAN);
                    for (int i = 0; i < numbers; i++) {
                        buffer.putFloat((float) (random.nextGaussian() * deviation));
                    }
                    out.write(buffer.array());
                };
            case Q8_0 ->
                (out, numbers) -> {
                    // 73 is the deviation of a byte that is as likely to have any value.
                    short scale = Float.floatToFloat16((float) (deviation / 73));
                    byte[] numbersOfBlock = new byte[32];
                    ByteBuffer block = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
                    for (long i = 0; i < numbers; i += 32) {
                        random.nextBytes(numbersOfBlock);
                        out.write(block.clear()
                                .putShort(scale)
                                .put(numbersOfBlock)
                                .array());
                    }
                };
        };
    }
}
