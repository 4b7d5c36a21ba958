package dev.millrace.server.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.Labels;
import dev.millrace.protocol.openai.Draw;
import dev.millrace.server.account.CallSummary.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/// Remembers which key the bytes of a body have, so that the same bytes are not read and put in order again.
/// *Thread-safe.*
final class BodyMemo {
    private static final int MOST_BODIES = 16_384;

    private final Cache<Print, Known> known = Caffeine.newBuilder()
            .maximumSize(MOST_BODIES)
            .executor(Runnable::run)
            .build();

    /// SHA-256 of who asks for what in which bytes. *Immutable.*
    record Print(long first, long second, long third, long fourth) {
        /// Any part of a digest is spread as evenly as all of it.
        @Override
        public int hashCode() {
            return (int) first;
        }
    }

    /// What was found out about a body. *Immutable.*
    ///
    /// @param name of the model, as the body says it
    /// @param identity of that model then
    record Known(String name, ModelIdentity identity, CacheKey key, Labels labels, boolean stream, Draw draw) {}

    @Nullable
    Known find(Print print) {
        return known.getIfPresent(print);
    }

    void keep(Print print, Known found) {
        known.put(print, found);
    }

    /// @param digest of SHA-256; used by the caller only
    static Print print(MessageDigest digest, Operation operation, String tenant, byte[] body) {
        byte[] name = (operation.wireName() + " " + tenant).getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).array());
        digest.update(name);
        ByteBuffer print = ByteBuffer.wrap(digest.digest(body));
        return new Print(print.getLong(), print.getLong(), print.getLong(), print.getLong());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
