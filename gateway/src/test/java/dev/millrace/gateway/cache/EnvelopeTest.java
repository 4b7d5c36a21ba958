package dev.millrace.gateway.cache;

import static dev.millrace.gateway.cache.CacheFixture.answer;
import static dev.millrace.gateway.cache.CacheFixture.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.Envelope.Opened;
import dev.millrace.gateway.cache.Envelope.Opened.Mismatch;
import dev.millrace.gateway.cache.Envelope.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final int MAX = 1 << 20;
    private static final CacheKey A = key("a");
    private static final Seal PLAIN = Seal.plain();
    private static final Seal KEYED = Seal.keyed("a secret of 16 bytes or more".getBytes(UTF_8));

    @Test
    void whatWasSealedComesOutAsItWas() {
        for (Seal seal : List.of(PLAIN, KEYED)) {
            StoredAnswer answer = answer("a");

            assertThat(open(Envelope.encode(answer, seal), seal)).isEqualTo(new Opened.Entry(answer));
        }
    }

    @Test
    void theLargestAndTheSmallestAnswerComeOutAsTheyWere() {
        String name = "é".repeat(Names.MAX_LENGTH);
        var labels = new Labels("acme", name, java.util.Collections.nCopies(Labels.MAX_TAGS, name));
        var ends = java.util.Collections.nCopies(StoredAnswer.MAX_CHOICES, name);
        long created = Long.MAX_VALUE;
        long ttl = Freshness.MAX_TTL.toMillis() + 1;
        var large = new StoredAnswer(
                key("a"),
                labels,
                created,
                ttl,
                StoredAnswer.Kind.EVENT_STREAM,
                599,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                ends,
                new Payload(new byte[100_000], List.of(new Payload.Spot(99_744, 256))));
        var small = new StoredAnswer(
                key("a"),
                new Labels("acme", "m", List.of()),
                0,
                1,
                StoredAnswer.Kind.WHOLE_JSON,
                200,
                0,
                0,
                List.of(),
                new Payload(new byte[0], List.of()));

        assertThat(open(Envelope.encode(large, PLAIN), PLAIN)).isEqualTo(new Opened.Entry(large));
        assertThat(open(Envelope.encode(small, PLAIN), PLAIN)).isEqualTo(new Opened.Entry(small));
    }

    @Test
    void everyFlippedBitIsAMismatch() {
        for (Seal seal : List.of(PLAIN, KEYED)) {
            byte[] sealed = Envelope.encode(answer("a"), seal);
            for (int i = 0; i < sealed.length; i++) {
                for (int bit = 0; bit < 8; bit++) {
                    byte[] flipped = sealed.clone();
                    flipped[i] ^= (byte) (1 << bit);
                    assertThat(open(flipped, seal))
                            .as("bit %s of byte %s", bit, i)
                            .isInstanceOf(Mismatch.class);
                }
            }
        }
    }

    @Test
    void everyWrongLengthIsAMismatch() {
        byte[] sealed = Envelope.encode(answer("a"), PLAIN);
        for (int length = 0; length < 2 * sealed.length; length++) {
            if (length != sealed.length) {
                requireMismatch(open(Arrays.copyOf(sealed, length), PLAIN), length + " bytes");
            }
        }
    }

    @Test
    void swappedAnswersAreTwoMismatches() {
        byte[] a = Envelope.encode(answer("a"), PLAIN);
        byte[] b = Envelope.encode(answer("b"), PLAIN);

        assertThat(Envelope.decode(a, key("b"), "acme", PLAIN, MAX)).isEqualTo(new Mismatch(Reason.OTHER_KEY));
        assertThat(Envelope.decode(b, key("a"), "acme", PLAIN, MAX)).isEqualTo(new Mismatch(Reason.OTHER_KEY));
    }

    @Test
    void theAnswerToAnotherTenantIsAMismatchEvenUnderTheRightKey() {
        byte[] a = Envelope.encode(answer("a"), PLAIN);

        assertThat(Envelope.decode(a, key("a"), "acm", PLAIN, MAX)).isEqualTo(new Mismatch(Reason.OTHER_TENANT));
        assertThat(Envelope.decode(a, key("a"), "acme2", PLAIN, MAX)).isEqualTo(new Mismatch(Reason.OTHER_TENANT));
    }

    @Test
    void anotherSealIsAMismatch() {
        Seal other = Seal.keyed("another secret of 16 bytes".getBytes(UTF_8));

        assertThat(open(Envelope.encode(answer("a"), PLAIN), KEYED)).isEqualTo(new Mismatch(Reason.BROKEN_SEAL));
        assertThat(open(Envelope.encode(answer("a"), KEYED), PLAIN)).isEqualTo(new Mismatch(Reason.BROKEN_SEAL));
        assertThat(open(Envelope.encode(answer("a"), KEYED), other)).isEqualTo(new Mismatch(Reason.BROKEN_SEAL));
        assertThatThrownBy(() -> Seal.keyed(new byte[15])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsTooLargeOrOfAnotherVersionOrNoEnvelopeIsAMismatch() {
        byte[] sealed = Envelope.encode(answer("a"), PLAIN);
        byte[] newer = sealed.clone();
        newer[4]++;

        assertThat(Envelope.decode(sealed, key("a"), "acme", PLAIN, sealed.length))
                .isInstanceOf(Opened.Entry.class);
        assertThat(Envelope.decode(sealed, key("a"), "acme", PLAIN, sealed.length - 1))
                .isEqualTo(new Mismatch(Reason.TOO_LARGE));
        assertThat(open(newer, PLAIN)).isEqualTo(new Mismatch(Reason.OTHER_VERSION));
        assertThat(open(new byte[0], PLAIN)).isEqualTo(new Mismatch(Reason.NOT_AN_ENVELOPE));
        assertThat(open("{\"id\":\"chatcmpl-1\"}".repeat(20).getBytes(UTF_8), PLAIN))
                .isEqualTo(new Mismatch(Reason.NOT_AN_ENVELOPE));
    }

    @Test
    void garbageIsAMismatch() {
        var random = new Random(13);
        for (int round = 0; round < 1_500; round++) {
            byte[] garbage = new byte[random.nextInt(400)];
            random.nextBytes(garbage);
            if (random.nextBoolean() && garbage.length > 5) {
                System.arraycopy(Envelope.MAGIC, 0, garbage, 0, 4);
                garbage[4] = Envelope.VERSION;
            }
            requireMismatch(open(garbage, PLAIN), "round " + round + " of seed 13");
        }
    }

    /// A plain seal can be put on anything: what is behind it must not be believed either.
    @Test
    void sealedGarbageThrowsNothing() {
        var random = new Random(17);
        byte[] sealed = Envelope.encode(answer("a"), PLAIN);
        int end = sealed.length - Seal.BYTES;
        int head = Envelope.MAGIC.length + 1 + CacheKey.BYTES;
        int entries = 0;
        for (int round = 0; round < 1_500; round++) {
            int cut = random.nextInt(4) == 0 ? head + random.nextInt(end - head) : end;
            byte[] bytes = Arrays.copyOf(sealed, cut);
            for (int hits = random.nextInt(4); hits >= 0 && cut > head; hits--) {
                int at = head + random.nextInt(cut - head);
                bytes[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : random.nextBoolean() ? 0xff : 0x7f);
            }

            Opened opened = open(resealed(bytes), PLAIN);

            if (opened instanceof Opened.Entry(StoredAnswer answer)) {
                entries++;
                boolean ours =
                        answer.key().equals(A) && answer.labels().tenant().equals("acme");
                if (!ours || !open(Envelope.encode(answer, PLAIN), PLAIN).equals(opened)) {
                    throw new AssertionError("round " + round + " of seed 17: " + answer);
                }
            }
        }
        assertThat(entries).as("of seed 17: payloads may say anything").isBetween(100, 1_400);
    }

    /// Each length and count in turn says as much as it can.
    @Test
    void lengthsThatPromiseTooMuchTakeNoMemory() {
        byte[] sealed = Envelope.encode(answer("a"), PLAIN);
        byte[] open = Arrays.copyOf(sealed, sealed.length - Seal.BYTES);
        for (int at = Envelope.MAGIC.length + 1 + CacheKey.BYTES; at < open.length - 4; at++) {
            for (int first : new int[] {0x7f, 0xff, 0x00}) {
                byte[] bytes = open.clone();
                bytes[at] = (byte) first;
                Arrays.fill(bytes, at + 1, at + 4, (byte) 0xff);
                assertThat(open(resealed(bytes), PLAIN)).as("at %s", at).isNotNull();
            }
        }
    }

    @Test
    void namesThatAreNotUtf8AndBytesBehindTheEndAreAMismatch() {
        byte[] sealed = Envelope.encode(answer("a"), PLAIN);
        byte[] open = Arrays.copyOf(sealed, sealed.length - Seal.BYTES);
        byte[] notUtf8 = open.clone();
        int model = new String(open, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("qwen");
        notUtf8[model] = (byte) 0xc0;

        assertThat(open(resealed(notUtf8), PLAIN)).isEqualTo(new Mismatch(Reason.MALFORMED));
        assertThat(open(resealed(Arrays.copyOf(open, open.length + 1)), PLAIN))
                .isEqualTo(new Mismatch(Reason.MALFORMED));
        assertThat(open(resealed(Arrays.copyOf(open, open.length - 1)), PLAIN))
                .isEqualTo(new Mismatch(Reason.MALFORMED));
    }

    private static void requireMismatch(Opened opened, String what) {
        if (!(opened instanceof Mismatch)) {
            throw new AssertionError(what + ": " + opened);
        }
    }

    private static Opened open(byte[] bytes, Seal seal) {
        return Envelope.decode(bytes, A, "acme", seal, MAX);
    }

    private static byte[] resealed(byte[] bytes) {
        byte[] sealed = Arrays.copyOf(bytes, bytes.length + Seal.BYTES);
        System.arraycopy(PLAIN.over(bytes, bytes.length), 0, sealed, bytes.length, Seal.BYTES);
        return sealed;
    }
}
