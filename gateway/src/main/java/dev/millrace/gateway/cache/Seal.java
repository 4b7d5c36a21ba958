package dev.millrace.gateway.cache;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What shows that stored bytes are as they were written. *Immutable.*
///
/// A plain seal finds accidents. Only a keyed one finds an answer that somebody else with access to the store put
/// there.
public final class Seal {
    /// Bytes of a seal.
    public static final int BYTES = 32;

    /// Fewest bytes of a secret.
    public static final int MIN_SECRET_BYTES = 16;

    private static final String HMAC = "HmacSHA256";
    private static final Seal PLAIN = new Seal(new byte[0]);

    private final byte[] secret;

    private Seal(byte[] secret) {
        this.secret = secret;
    }

    /// SHA-256, which anybody can compute.
    public static Seal plain() {
        return PLAIN;
    }

    /// HMAC-SHA-256 under a secret that all instances share.
    public static Seal keyed(byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "secret: " + secret.length + " bytes (expected: at least " + MIN_SECRET_BYTES + ")");
        }
        return new Seal(secret.clone());
    }

    /// The seal of the first `length` bytes.
    byte[] over(byte[] bytes, int length) {
        if (secret.length == 0) {
            MessageDigest digest = sha256();
            digest.update(bytes, 0, length);
            return digest.digest();
        }
        Mac mac = mac();
        mac.update(bytes, 0, length);
        return mac.doFinal();
    }

    /// True if the bytes from `length` on are the seal of those before; takes as long whichever byte differs.
    boolean isOver(byte[] bytes, int length) {
        return MessageDigest.isEqual(over(bytes, length), Arrays.copyOfRange(bytes, length, bytes.length));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private Mac mac() {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(secret, HMAC));
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("any bytes are a key for " + HMAC, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        }
    }
}
