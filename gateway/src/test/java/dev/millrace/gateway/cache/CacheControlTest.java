package dev.millrace.gateway.cache;

import static dev.millrace.gateway.cache.CacheControl.NOT_GIVEN;
import static dev.millrace.gateway.cache.CacheControl.NO_LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", ",", ",,;", "public", "no-transform, foo=bar, x=\"no-store\"", "nostore", "no-store=no"
            })
    void whatIsNotKnownAsksForNothingOrForCare(String header) {
        CacheControl control = CacheControl.parse(header);

        assertThat(control.noStore()).isEqualTo(header.startsWith("no-store"));
        assertThat(control.noCache()).isFalse();
        assertThat(control.maxAgeSeconds()).isEqualTo(NOT_GIVEN);
    }

    @Test
    void everyDirectiveIsReadInAnyCaseAndSpacing() {
        CacheControl all = CacheControl.parse(
                " No-Store ,NO-CACHE,only-if-cached\t, Max-Age = 60,min-fresh=\"5\",max-stale=7 , stale-if-error=9,");

        assertThat(all).isEqualTo(new CacheControl(true, true, true, 60, 5, 7, 9));
        assertThat(CacheControl.parse("")).isEqualTo(CacheControl.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=60, max-age=30 | 30 | -1 | -1",
                "max-age=30, max-age=60 | 30 | -1 | -1",
                "max-age | 0 | -1 | -1",
                "max-age= | 0 | -1 | -1",
                "max-age=-1 | 0 | -1 | -1",
                "max-age=1.5 | 0 | -1 | -1",
                "max-age=1e3 | 0 | -1 | -1",
                "max-age=99999999999999999999999999 | 2147483648 | -1 | -1",
                "min-fresh=1, min-fresh=2 | -1 | 2 | -1",
                "min-fresh=x | -1 | 2147483648 | -1",
                "max-stale | -1 | -1 | 2147483648",
                "max-stale, max-stale=5 | -1 | -1 | 5",
                "max-stale= | -1 | -1 | 0",
                "max-stale=ten | -1 | -1 | 0",
            })
    void whatCannotBeUnderstoodOrIsSaidTwiceIsTakenInItsMostCarefulSense(
            String header, long maxAge, long minFresh, long maxStale) {
        assertThat(CacheControl.parse(header))
                .isEqualTo(new CacheControl(false, false, false, maxAge, minFresh, maxStale, NOT_GIVEN));
        assertThat(NO_LIMIT).isEqualTo(2_147_483_648L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo=\"bar, no-store", "\"\\\", no-store", "a=\"b\", \", no-store", "\"x\"no,no-store"})
    void aQuoteThatNothingClosesHidesNothing(String header) {
        assertThat(CacheControl.parse(header).noStore()).isTrue();
    }

    @Test
    void aHeaderThatIsTooLongAsksToBeLeftOut() {
        String fits = "no-cache" + ",".repeat(CacheControl.MAX_LENGTH - 8);

        assertThat(CacheControl.parse(fits).noStore()).isFalse();
        assertThat(CacheControl.parse(fits + ",").noStore()).isTrue();
    }

    @Test
    void noHeaderAtAllMakesItThrow() {
        var random = new Random(11);
        String alphabet = "\"\\,= -09amxge\u0000\t\u00e9\ud800;";
        for (int round = 0; round < 1_000; round++) {
            var header = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                header.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String careful = header + ",no-store";

            // Quotes that pair up may hide it; nothing else may.
            if (header.indexOf("\"") < 0) {
                assertThat(CacheControl.parse(careful).noStore())
                        .as("round %s of seed 11: %s", round, careful)
                        .isTrue();
            }
            assertThat(CacheControl.parse(careful)).isNotNull();
        }
    }
}
