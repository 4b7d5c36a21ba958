package dev.millrace.gateway.cache;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// The bytes of a stored answer in the shared tier. Stateless, thread-safe.
///
/// An envelope says for itself which request and which tenant it answers, so a reply that a store mixed up, cut or
/// spoiled is told from the right one, and is a miss like any other:
///
/// | Bytes | What |
/// |---|---|
/// | 4, 1 | `MRCE`, version |
/// | 32 | key |
/// | name, name, 1 + names | tenant, model, tags; a name is 2 bytes of length and UTF-8 |
/// | 8, 8 | created (epoch, ms), life (ms) |
/// | 1, 2, 4, 4 | kind, status, tokens of prompt and completion |
/// | 1 + names | finish reasons |
/// | 4 + bytes | payload |
/// | 4 + 6 each | places of the id: offset 4, length 2 |
/// | 32 | seal over everything before |
///
/// Numbers are big-endian. Another layout is another version; what has another version is a miss.
public final class Envelope {
    static final byte[] MAGIC = "MRCE".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;

    /// Bytes of one place of the id.
    static final int SPOT_BYTES = Integer.BYTES + Short.BYTES;

    private static final int HEAD_BYTES = MAGIC.length + 1 + CacheKey.BYTES;

    private Envelope() {}

    /// What opening an envelope gave.
    public sealed interface Opened {
        /// The answer that was asked for.
        record Entry(StoredAnswer answer) implements Opened {}

        /// Something else, to be treated as a miss.
        record Mismatch(Reason reason) implements Opened {}
    }

    /// Why an envelope is not the one that was asked for.
    public enum Reason {
        /// More bytes than the caller takes.
        TOO_LARGE,
        /// Not an envelope, or cut short.
        NOT_AN_ENVELOPE,
        /// Written by another version.
        OTHER_VERSION,
        /// Changed after it was sealed, or sealed in another way or with another secret.
        BROKEN_SEAL,
        /// The answer to another request.
        OTHER_KEY,
        /// The answer to another tenant's request.
        OTHER_TENANT,
        /// Sealed, but not what this version writes.
        MALFORMED
    }

    /// Seals an answer.
    public static byte[] encode(StoredAnswer answer, Seal seal) {
        var out = new EnvelopeWriter(answer.payload().bytes().length + 1024);
        out.raw(MAGIC).number(VERSION, 1).raw(answer.key().bytes());
        out.name(answer.labels().tenant())
                .name(answer.labels().model())
                .names(answer.labels().tags());
        out.number(answer.createdEpochMillis(), 8).number(answer.ttlMillis(), 8);
        out.number(code(answer.kind()), 1).number(answer.status(), 2);
        out.number(answer.promptTokens(), 4).number(answer.completionTokens(), 4);
        out.names(answer.finishReasons());
        out.number(answer.payload().bytes().length, 4).raw(answer.payload().bytes());
        out.number(answer.payload().spots().size(), 4);
        for (Payload.Spot spot : answer.payload().spots()) {
            out.number(spot.offset(), 4).number(spot.length(), 2);
        }
        return out.sealed(seal);
    }

    /// Opens an envelope. Whatever the bytes are, this throws nothing and takes memory in proportion to them only.
    ///
    /// @param maxBytes of an envelope; a longer one is not even read
    public static Opened decode(byte[] bytes, CacheKey expectedKey, String expectedTenant, Seal seal, int maxBytes) {
        if (bytes.length > maxBytes) {
            return new Opened.Mismatch(Reason.TOO_LARGE);
        }
        int end = bytes.length - Seal.BYTES;
        if (end < HEAD_BYTES || !Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)) {
            return new Opened.Mismatch(Reason.NOT_AN_ENVELOPE);
        }
        if (bytes[MAGIC.length] != VERSION) {
            return new Opened.Mismatch(Reason.OTHER_VERSION);
        }
        if (!seal.isOver(bytes, end)) {
            return new Opened.Mismatch(Reason.BROKEN_SEAL);
        }
        if (!CacheKey.ofBytes(bytes, MAGIC.length + 1).equals(expectedKey)) {
            return new Opened.Mismatch(Reason.OTHER_KEY);
        }
        return read(new EnvelopeReader(bytes, HEAD_BYTES, end), expectedKey, expectedTenant);
    }

    private static Opened read(EnvelopeReader in, CacheKey key, String expectedTenant) {
        try {
            String tenant = in.name();
            if (in.isGood() && !tenant.equals(expectedTenant)) {
                return new Opened.Mismatch(Reason.OTHER_TENANT);
            }
            var labels = new Labels(tenant, in.name(), in.names(Labels.MAX_TAGS));
            var answer = new StoredAnswer(
                    key,
                    labels,
                    in.number(8),
                    in.number(8),
                    kind((int) in.number(1)),
                    (int) in.number(2),
                    (int) in.number(4),
                    (int) in.number(4),
                    in.names(StoredAnswer.MAX_CHOICES),
                    payload(in));
            return in.isAtEnd() ? new Opened.Entry(answer) : new Opened.Mismatch(Reason.MALFORMED);
        } catch (IllegalArgumentException e) {
            // What an answer may be is said once, by the records themselves. A seal that anybody can compute lets
            // anything come this far.
            return new Opened.Mismatch(Reason.MALFORMED);
        }
    }

    private static Payload payload(EnvelopeReader in) {
        byte[] bytes = in.raw((int) in.number(4));
        int count = in.count((int) in.number(4), SPOT_BYTES);
        var spots = new Payload.Spot[count];
        for (int i = 0; i < count; i++) {
            spots[i] = new Payload.Spot((int) in.number(4), (int) in.number(2));
        }
        return new Payload(bytes, List.of(spots));
    }

    // Numbers of their own, so that moving a constant does not change what is stored.
    private static int code(StoredAnswer.Kind kind) {
        return switch (kind) {
            case WHOLE_JSON -> 1;
            case EVENT_STREAM -> 2;
        };
    }

    private static StoredAnswer.Kind kind(int code) {
        return switch (code) {
            case 1 -> StoredAnswer.Kind.WHOLE_JSON;
            case 2 -> StoredAnswer.Kind.EVENT_STREAM;
            default -> throw new IllegalArgumentException("kind: " + code + " (expected: 1..2)");
        };
    }
}
