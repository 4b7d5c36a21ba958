package dev.millrace.gateway.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheKeyTest {
    private static final byte[] BODY = "{\"model\":\"m\"}".getBytes(UTF_8);

    /// Keys outlive a process in the shared tier, so their making is fixed here, byte by byte.
    @Test
    void theKeyIsTheDigestOfItsPartsEachBehindItsLength() throws NoSuchAlgorithmException {
        var text = new StringBuilder("\0\0\0\1");
        for (String part : new String[] {"t", "/op", "m", "", "b1", "{}"}) {
            text.append("\0\0\0").append((char) part.length()).append(part);
        }
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(UTF_8));

        CacheKey key = CacheKey.of(new CacheScope("t", "/op", "m", "", "b1"), "{}".getBytes(UTF_8));

        assertThat(key.bytes()).isEqualTo(digest);
        assertThat(key.hex()).isEqualTo(HexFormat.of().formatHex(digest)).isEqualTo(key.toString());
    }

    @Test
    void equalRequestsHaveEqualKeys() {
        CacheKey key = CacheKey.of(CacheFixture.SCOPE, BODY);

        assertThat(key).isEqualTo(CacheKey.of(CacheFixture.SCOPE, BODY.clone()));
        assertThat(key).hasSameHashCodeAs(CacheKey.of(CacheFixture.SCOPE, BODY.clone()));
        assertThat(CacheKey.parse(key.hex())).contains(key);
    }

    @Test
    void everyPartOfTheScopeAndTheBodyChangesTheKey() {
        List<CacheKey> keys = new ArrayList<>();
        for (int changed = -1; changed < 5; changed++) {
            String[] p = {"a", "b", "c", "d", "e"};
            if (changed >= 0) {
                p[changed] += "x";
            }
            keys.add(CacheKey.of(new CacheScope(p[0], p[1], p[2], p[3], p[4]), BODY));
        }
        keys.add(CacheKey.of(new CacheScope("a", "b", "c", "", "e"), BODY));
        keys.add(CacheKey.of(new CacheScope("a", "b", "c", "d", "e"), new byte[0]));

        assertThat(keys).doesNotHaveDuplicates();
    }

    @Test
    void bytesCannotMoveFromOnePartToTheNext() {
        List<CacheKey> keys = new ArrayList<>();
        String all = "abcdefghijkl";
        for (int a = 1; a < 4; a++) {
            for (int b = a + 1; b < a + 3; b++) {
                for (int c = b + 1; c < b + 3; c++) {
                    for (int d = c; d < c + 2; d++) {
                        var scope = new CacheScope(
                                all.substring(0, a),
                                all.substring(a, b),
                                all.substring(b, c),
                                all.substring(c, d),
                                all.substring(d, d + 1));
                        keys.add(CacheKey.of(scope, all.substring(d + 1).getBytes(UTF_8)));
                    }
                }
            }
        }

        assertThat(keys).hasSize(24).doesNotHaveDuplicates();
    }

    /// Java encodes every lone surrogate as `?`: two tenants would share one.
    @ParameterizedTest
    @ValueSource(strings = {"", "a\ud800", "\udc00a", "\ud800\ud800", "a\nb", "a\0"})
    void aTenantWithoutANameOfItsOwnIsRefused(String tenant) {
        assertThatThrownBy(() -> new CacheScope(tenant, "/op", "m", "t", "e"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "g", "+0", "-1"})
    void whatIsNoKeyIsNotRead(String part) {
        String valid = "0".repeat(64);

        assertThat(CacheKey.parse(valid)).isPresent();
        assertThat(CacheKey.parse(part)).isEmpty();
        assertThat(CacheKey.parse(valid + part)).isEqualTo(part.isEmpty() ? CacheKey.parse(valid) : CacheKey.parse(""));
        assertThat(CacheKey.parse(part + "A".repeat(64 - part.length()))).isEmpty();
    }
}
