package dev.millrace.server.http;

import dev.millrace.core.id.RequestId;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Makes ids for requests that bring none. *Confined to its event loop.*
final class RequestIds {
    private static final char[] DIGITS = "0123456789abcdefghijklmnopqrstuv".toCharArray();
    private static final int LENGTH = 16;
    private static final int RANDOM_DIGITS = 12;
    private static final int BITS_PER_DIGIT = 5;

    private final RandomGenerator random;

    RequestIds(RandomGenerator random) {
        this.random = random;
    }

    /// The client's id if it is safe in a header and a log line, else a fresh one.
    RequestId of(@Nullable String sent) {
        return sent != null && RequestId.isValid(sent) ? new RequestId(sent) : fresh();
    }

    /// `req` and 60 random bits: a clash within a million live requests is one in a million.
    RequestId fresh() {
        char[] id = new char[LENGTH];
        id[0] = 'r';
        id[1] = 'e';
        id[2] = 'q';
        id[3] = '-';
        long bits = random.nextLong();
        for (int i = LENGTH - RANDOM_DIGITS; i < LENGTH; i++) {
            id[i] = DIGITS[(int) (bits & 31)];
            bits >>>= BITS_PER_DIGIT;
        }
        return new RequestId(new String(id));
    }
}
