package dev.millrace.engine.simulated;

import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.batch.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The vocabulary of simulated models: token 0 ends an answer, every other one is a word. A prompt has a token per
/// word and per message. *Immutable.*
final class InventedWords implements Vocabulary {
    static final int END = 0;

    private static final String[] WORDS = {
        "river", "mill", "stone", "wheel", "grain", "flour", "water", "gate", "field", "bridge", "baker", "loaf",
                "hill",
        "cart", "road", "lamp", "door", "bell", "tower", "garden", "rain", "cloud", "wind", "leaf", "root", "seed",
        "table", "chair", "letter", "window", "market", "boat",
    };
    private static final int SIZE = 1 + 16 * WORDS.length;

    // Behind what its constructor reads: static fields are set in the order they are written.
    static final InventedWords INSTANCE = new InventedWords();

    private final byte[][] bytes = new byte[SIZE][];

    private InventedWords() {
        bytes[END] = new byte[0];
        for (int token = 1; token < SIZE; token++) {
            int round = (token - 1) / WORDS.length;
            String word = WORDS[(token - 1) % WORDS.length] + (round == 0 ? "" : Integer.toString(round));
            bytes[token] = (word + " ").getBytes(StandardCharsets.UTF_8);
        }
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public byte[] bytes(int token) {
        return bytes[token];
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return token == END;
    }

    String text(int token) {
        return new String(bytes[token], StandardCharsets.UTF_8);
    }

    /// A word chosen by `hash`, never the end.
    int word(long hash) {
        return 1 + (int) Long.remainderUnsigned(hash, SIZE - 1);
    }

    @Override
    public int[] encode(Prompt prompt) {
        return switch (prompt) {
            case Prompt.Tokens(var tokens) ->
                tokens.isEmpty()
                        ? new int[] {word(0)}
                        : words(tokens.stream().mapToInt(Integer::intValue).toArray());
            case Prompt.Text(String text) -> nonEmpty(encode(text, new int[16], 0));
            case Prompt.Chat chat -> {
                Encoded all = new Encoded(new int[16], 0);
                for (ChatMessage message : chat.messages()) {
                    all = all.plus(word(message.role().name().hashCode()));
                    all = encode(message.content(), all.tokens(), all.size());
                }
                yield nonEmpty(all);
            }
        };
    }

    private int[] words(int[] tokens) {
        return Arrays.stream(tokens).map(token -> word(token)).toArray();
    }

    private int[] nonEmpty(Encoded encoded) {
        return encoded.size() == 0 ? new int[] {word(0)} : Arrays.copyOf(encoded.tokens(), encoded.size());
    }

    private Encoded encode(String text, int[] into, int size) {
        Encoded encoded = new Encoded(into, size);
        long hash = 0;
        boolean inWord = false;
        for (int i = 0; i <= text.length(); i++) {
            boolean blank = i == text.length() || text.charAt(i) <= ' ';
            if (!blank) {
                hash = (inWord ? hash * 31 : 7) + text.charAt(i);
            } else if (inWord) {
                encoded = encoded.plus(word(hash));
            }
            inWord = !blank;
        }
        return encoded;
    }

    /// @param tokens grows by doubling; the first `size` count
    @SuppressWarnings("ArrayRecordComponent") // lives inside one encode call
    private record Encoded(int[] tokens, int size) {
        Encoded plus(int token) {
            int[] room = size < tokens.length ? tokens : Arrays.copyOf(tokens, 2 * size);
            room[size] = token;
            return new Encoded(room, size + 1);
        }
    }
}
