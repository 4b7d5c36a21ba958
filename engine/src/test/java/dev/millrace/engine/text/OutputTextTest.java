package dev.millrace.engine.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OutputTextTest {
    private final OutputText text = new OutputText();

    @Test
    void plainTextPassesAtOnce() {
        text.reset(new byte[][] {});

        assertThat(text.append(utf8("Hello"), true)).isFalse();

        assertThat(released()).isEqualTo("Hello");
    }

    @Test
    void aCharacterIsShownOnlyWhenItIsWhole() {
        text.reset(new byte[][] {});
        byte[] euro = utf8("€");

        text.append(new byte[] {euro[0]}, true);
        assertThat(text.releasedLength()).isZero();
        text.append(new byte[] {euro[1]}, true);
        assertThat(text.releasedLength()).isZero();
        text.append(new byte[] {euro[2]}, true);
        assertThat(released()).isEqualTo("€");
    }

    @Test
    void anIncompleteCharacterAtTheEndBecomesAReplacementCharacter() {
        text.reset(new byte[][] {});
        text.append(new byte[] {'a', (byte) 0xe2, (byte) 0x82}, true);
        assertThat(released()).isEqualTo("a");

        text.finish();

        assertThat(released()).isEqualTo("\ufffd");
    }

    @Test
    void theBeginningOfAStopStringIsHeldBackUntilItIsClear() {
        text.reset(stops("</end>"));

        text.append(utf8("x</e"), true);
        assertThat(released()).isEqualTo("x");
        text.append(utf8("cho>"), true);
        assertThat(released()).isEqualTo("</echo>");
    }

    @Test
    void aStopStringAcrossTokensEndsTheText() {
        text.reset(stops("</end>"));
        text.append(utf8("x</e"), true);

        assertThat(text.append(utf8("nd>gone"), true)).isTrue();

        assertThat(text.releasedLength()).isZero();
        assertThat(text.matchedStop()).isZero();
        assertThat(text.append(utf8("more"), true)).isTrue();
        text.finish();
        assertThat(text.releasedLength()).isZero();
    }

    @Test
    void aStopStringIsFoundBehindItsOwnPrefix() {
        text.reset(stops("aab"));

        assertThat(text.append(utf8("aaaab"), true)).isTrue();

        assertThat(released()).isEqualTo("aa");
    }

    @Test
    void theStopCompletedFirstWinsAndOfTwoAtOnceTheLonger() {
        text.reset(stops("abcd", "bc", "abc"));

        assertThat(text.append(utf8("xabcd"), true)).isTrue();

        assertThat(text.matchedStop()).isEqualTo(2);
        assertThat(released()).isEqualTo("x");
    }

    @Test
    void stopStringsBeginningBeforeTheMinimumOfTokensDoNotCount() {
        text.reset(stops("END"));

        assertThat(text.append(utf8("END EN"), false)).isFalse();
        assertThat(released()).isEqualTo("END EN");
        assertThat(text.append(utf8("D"), true)).isFalse();
        assertThat(released()).isEqualTo("D");
        assertThat(text.append(utf8("END"), true)).isTrue();
    }

    @Test
    void aResetForgetsTheTextBefore() {
        text.reset(stops("END"));
        text.append(new byte[] {'E', 'N', (byte) 0xe2}, true);

        text.reset(stops("D"));
        text.append(utf8("END"), true);

        assertThat(released()).isEqualTo("EN");
        assertThat(text.matchedStop()).isZero();
    }

    @Test
    void everyPairOfBytesIsReplacedAsJavaDoes() {
        for (int pair = 0; pair < 65_536; pair++) {
            byte[] bytes = {(byte) (pair >> 8), (byte) pair};

            text.reset(new byte[][] {});
            String shown = shown(List.of(new byte[] {bytes[0]}, new byte[] {bytes[1]}));

            assertThat(shown).as("bytes %04x", pair).isEqualTo(new String(bytes, UTF_8));
        }
    }

    @Test
    void randomBytesAreReplacedAsJavaDoesHoweverTheyAreDivided() {
        long seed = 20_261_123;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = hostileBytes(random, 1 + random.nextInt(12));

            text.reset(new byte[][] {});

            assertThat(shown(divided(bytes, random)))
                    .as("seed %d round %d %s", seed, round, bytes)
                    .isEqualTo(new String(bytes, UTF_8));
        }
    }

    @Test
    void everyDivisionOfAShortTextGivesTheSameAnswer() {
        byte[] bytes = utf8("aaé€aab€");
        byte[][] stops = stops("aab", "€a€", "é€b", "b€");
        String expected = naive(new String(bytes, UTF_8), stops);
        assertThat(expected).isEqualTo("aaé€");

        for (int mask = 0; mask < 1 << (bytes.length - 1); mask++) {
            text.reset(stops);
            assertThat(shown(divided(bytes, mask))).as("mask %x", mask).isEqualTo(expected);
        }
    }

    @Test
    void randomTextsAndStopsGiveTheAnswerOfAPlainSearch() {
        long seed = 4_711;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = utf8(word(random, random.nextInt(30)));
            byte[][] stops = new byte[1 + random.nextInt(4)][];
            for (int i = 0; i < stops.length; i++) {
                stops[i] = utf8(word(random, 1 + random.nextInt(5)));
            }

            text.reset(stops);
            String shown = shown(divided(bytes, random));

            assertThat(shown).as("seed %d round %d", seed, round).isEqualTo(naive(new String(bytes, UTF_8), stops));
        }
    }

    @Test
    void releasedTextIsAlwaysWholeCharacters() {
        var random = new Random(99);
        text.reset(stops("€€é", "ab"));
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = hostileBytes(random, 4);
            if (text.append(bytes, true)) {
                text.reset(stops("€€é", "ab"));
            }

            byte[] shown = java.util.Arrays.copyOf(text.released(), text.releasedLength());

            assertThat(utf8(new String(shown, UTF_8))).isEqualTo(shown);
        }
    }

    @Test
    void appendingAllocatesNothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[][] tokens = {utf8("Hello "), {(byte) 0xe2, (byte) 0x82}, {(byte) 0xac, 'a', 'a'}, {(byte) 0xff, 'a', 'c'}
        };
        text.reset(stops("aab", "€€é"));
        append(tokens, 1_000);

        long before = threads.getCurrentThreadAllocatedBytes();
        append(tokens, 1_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(200);
    }

    private void append(byte[][] tokens, int times) {
        for (int i = 0; i < times; i++) {
            text.append(tokens[i & 3], true);
        }
    }

    /// The text before the stop string that is complete first; of several the longest.
    private static String naive(String text, byte[][] stops) {
        for (int end = 0; end <= text.length(); end++) {
            String seen = text.substring(0, end);
            int longest = 0;
            for (byte[] stop : stops) {
                String s = new String(stop, UTF_8);
                if (seen.endsWith(s)) {
                    longest = Math.max(longest, s.length());
                }
            }
            if (longest > 0) {
                return seen.substring(0, end - longest);
            }
        }
        return text;
    }

    private static String word(Random random, int length) {
        var word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append(new String[] {"a", "b", "é", "€", "😀"}[random.nextInt(random.nextInt(5) + 1)]);
        }
        return word.toString();
    }

    private static byte[] hostileBytes(Random random, int length) {
        int[] pool = {
            0x41, 0x61, 0x62, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1,
            0xf4, 0xf5, 0xff
        };
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) pool[random.nextInt(pool.length)];
        }
        return bytes;
    }

    private static List<byte[]> divided(byte[] bytes, Random random) {
        return divided(bytes, random.nextInt());
    }

    /// Bit `i` set: a border behind byte `i`.
    private static List<byte[]> divided(byte[] bytes, int mask) {
        List<byte[]> tokens = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if ((mask >> (i % 31) & 1) == 1 || i == bytes.length - 1) {
                tokens.add(java.util.Arrays.copyOfRange(bytes, from, i + 1));
                from = i + 1;
            }
        }
        return tokens;
    }

    private String shown(List<byte[]> tokens) {
        var shown = new ByteArrayOutputStream();
        for (byte[] token : tokens) {
            boolean stopped = text.append(token, true);
            shown.write(text.released(), 0, text.releasedLength());
            if (stopped) {
                return shown.toString(UTF_8);
            }
        }
        text.finish();
        shown.write(text.released(), 0, text.releasedLength());
        return shown.toString(UTF_8);
    }

    private String released() {
        return new String(text.released(), 0, text.releasedLength(), UTF_8);
    }

    private static byte[][] stops(String... stops) {
        byte[][] bytes = new byte[stops.length][];
        for (int i = 0; i < stops.length; i++) {
            bytes[i] = utf8(stops[i]);
        }
        return bytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
