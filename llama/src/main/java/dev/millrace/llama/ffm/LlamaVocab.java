package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/// The tokens of a model. *Thread-safe*; closed with its model, waiting for calls that are still running.
public final class LlamaVocab {
    /// Bits of [#allAttributes]: the token for text that has no other.
    public static final int UNKNOWN = 1;

    /// Made only from trusted text: begin, end, turn markers.
    public static final int CONTROL = 1 << 3;

    /// Found in any text before it is cut otherwise.
    public static final int USER_DEFINED = 1 << 4;

    /// Takes the white space before it along.
    public static final int STRIPS_LEFT = 1 << 7;

    /// Takes the white space behind it along.
    public static final int STRIPS_RIGHT = 1 << 8;

    /// No token.
    public static final int NONE = -1;

    private static final int MAX_TOKEN_BYTES = 4096;

    private final VocabFunctions functions;
    private final MemorySegment vocab;
    private final int size;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed; // Guarded by `lock`.

    LlamaVocab(VocabFunctions functions, MemorySegment vocab) {
        this.functions = functions;
        this.vocab = vocab;
        this.size = functions.llama_vocab_n_tokens(vocab);
    }

    /// Number of tokens.
    public int size() {
        return size;
    }

    /// The text of a token as the vocabulary writes it.
    public String text(int token) {
        checkToken(token);
        return reading(() -> functions
                .llama_vocab_get_text(vocab, token)
                .reinterpret(MAX_TOKEN_BYTES)
                .getString(0));
    }

    /// What kind each token is, by id: the bits above.
    public int[] allAttributes() {
        return reading(() -> {
            int[] all = new int[size];
            for (int token = 0; token < size; token++) {
                all[token] = functions.llama_vocab_get_attr(vocab, token);
            }
            return all;
        });
    }

    /// True if the token ends an answer.
    public boolean isEndOfGeneration(int token) {
        checkToken(token);
        return reading(() -> functions.llama_vocab_is_eog(vocab, token));
    }

    /// The begin-of-sequence token, or [#NONE].
    public int bos() {
        return reading(() -> functions.llama_vocab_bos(vocab));
    }

    /// The end-of-sequence token, or [#NONE].
    public int eos() {
        return reading(() -> functions.llama_vocab_eos(vocab));
    }

    /// True if the model wants its sequences to begin with [#bos].
    public boolean addsBos() {
        return reading(() -> functions.llama_vocab_get_add_bos(vocab));
    }

    /// The bytes each token stands for, by id; empty for control tokens.
    public byte[][] allBytes() {
        return reading(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(MAX_TOKEN_BYTES);
                byte[][] all = new byte[size][];
                for (int token = 0; token < size; token++) {
                    int length = functions.llama_token_to_piece(vocab, token, buffer, MAX_TOKEN_BYTES, 0, false);
                    if (length < 0) {
                        throw new LlamaException("token " + token + " is longer than " + MAX_TOKEN_BYTES + " bytes");
                    }
                    all[token] = buffer.asSlice(0, length).toArray(JAVA_BYTE);
                }
                return all;
            }
        });
    }

    /// Cuts text into tokens.
    ///
    /// @param addSpecial add begin and end tokens where the model wants them
    /// @param parseSpecial make control tokens of their texts
    public int[] tokenize(byte[] utf8, boolean addSpecial, boolean parseSpecial) {
        return reading(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = arena.allocateFrom(JAVA_BYTE, utf8.length == 0 ? new byte[1] : utf8);
                int capacity = utf8.length + 8;
                MemorySegment tokens = arena.allocate(JAVA_INT, capacity);
                int count =
                        functions.llama_tokenize(vocab, text, utf8.length, tokens, capacity, addSpecial, parseSpecial);
                if (count < 0 && count != Integer.MIN_VALUE) {
                    // A blank that the vocabulary does not know becomes three byte tokens.
                    capacity = -count;
                    tokens = arena.allocate(JAVA_INT, capacity);
                    count = functions.llama_tokenize(
                            vocab, text, utf8.length, tokens, capacity, addSpecial, parseSpecial);
                }
                if (count < 0) {
                    throw new LlamaException("text of " + utf8.length + " bytes cannot be tokenised");
                }
                return tokens.asSlice(0, 4L * count).toArray(JAVA_INT);
            }
        });
    }

    private void checkToken(int token) {
        if (token < 0 || token >= size) {
            throw new IllegalArgumentException("token: " + token + " (expected: 0.." + (size - 1) + ")");
        }
    }

    private <T> T reading(Supplier<T> call) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the model is closed");
            }
            return call.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    void close() {
        lock.writeLock().lock();
        try {
            closed = true;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
