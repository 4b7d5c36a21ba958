package dev.millrace.gateway.cache;

import static dev.millrace.gateway.cache.CacheFixture.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.CacheAsk.Temperature;
import dev.millrace.gateway.cache.CacheAsk.Wish;
import dev.millrace.gateway.cache.CachePolicy.Mode;
import dev.millrace.gateway.cache.Cacheability.Bypass;
import dev.millrace.gateway.cache.Cacheability.LookUp;
import dev.millrace.gateway.cache.Cacheability.Reason;
import dev.millrace.gateway.cache.Cacheability.StoreOnly;
import dev.millrace.gateway.cache.Cacheability.Unanswerable;
import dev.millrace.gateway.cache.Freshness.Reading;
import dev.millrace.gateway.cache.Freshness.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CacheabilityTest {
    private static final CachePolicy OFF = new CachePolicy(Mode.OFF, Duration.ZERO, 8, true);
    private static final CachePolicy ALL = new CachePolicy(Mode.ALL, Duration.ZERO, 8, true);
    private static final CachePolicy STALE = new CachePolicy(Mode.DETERMINISTIC, Duration.ofMinutes(1), 8, true);
    private static final LookUp PLAIN = new LookUp(false, new Acceptance(Long.MAX_VALUE, 0, 0, 0));

    @ParameterizedTest
    @CsvSource({
        "ZERO, false, true",
        "NOT_SAMPLED, false, true",
        "OMITTED, true, true",
        "ABOVE_ZERO, true, true",
        "OMITTED, false, false",
        "ABOVE_ZERO, false, false"
    })
    void onlyWhatGivesTheSameAnswerAgainIsCached(Temperature temperature, boolean seeded, boolean cached) {
        var asked = new CacheAsk(temperature, seeded, 1, false, CacheControl.NONE, Wish.NONE);

        assertThat(Cacheability.decide(asked, CachePolicy.DEFAULT))
                .isEqualTo(cached ? PLAIN : new Bypass(Reason.NOT_DETERMINISTIC));
        assertThat(Cacheability.decide(asked, ALL)).isEqualTo(PLAIN);
        assertThat(Cacheability.decide(asked, OFF)).isEqualTo(new Bypass(Reason.MODE_OFF));
    }

    @Test
    void theClientsHeaderSwitchesTheCacheForItsOwnRequest() {
        var drawn = new CacheAsk(Temperature.OMITTED, false, 1, false, CacheControl.NONE, Wish.ON);

        assertThat(Cacheability.decide(drawn, CachePolicy.DEFAULT)).isEqualTo(PLAIN);
        assertThat(Cacheability.decide(drawn, OFF)).isEqualTo(new Bypass(Reason.MODE_OFF));
        assertThat(Cacheability.decide(ask("", Wish.OFF), ALL)).isEqualTo(new Bypass(Reason.SWITCHED_OFF));
        assertThat(Cacheability.decide(ask("", Wish.REFRESH), ALL)).isEqualTo(new StoreOnly());
    }

    @Test
    void theWishIsReadInAnyCase() {
        assertThat(Wish.parse(" On ")).isEqualTo(Wish.ON);
        assertThat(Wish.parse("OFF")).isEqualTo(Wish.OFF);
        assertThat(Wish.parse("refresh")).isEqualTo(Wish.REFRESH);
        assertThat(Wish.parse("")).isEqualTo(Wish.parse("yes, please")).isEqualTo(Wish.NONE);
    }

    @Test
    void aDrawnAnswerIsNotEvenStoredOnRefresh() {
        var drawn = new CacheAsk(Temperature.OMITTED, false, 1, false, CacheControl.NONE, Wish.REFRESH);

        assertThat(Cacheability.decide(drawn, CachePolicy.DEFAULT)).isEqualTo(new Bypass(Reason.NOT_DETERMINISTIC));
    }

    @Test
    void cacheControlIsObeyed() {
        assertThat(Cacheability.decide(ask("no-store", Wish.NONE), STALE)).isEqualTo(new Bypass(Reason.NO_STORE));
        assertThat(Cacheability.decide(ask("no-store, no-cache", Wish.ON), STALE))
                .isEqualTo(new Bypass(Reason.NO_STORE));
        assertThat(Cacheability.decide(ask("no-cache", Wish.NONE), STALE)).isEqualTo(new StoreOnly());
        assertThat(Cacheability.decide(ask("max-age=0", Wish.NONE), STALE)).isEqualTo(new StoreOnly());
        assertThat(Cacheability.decide(ask("max-age=5", Wish.NONE), STALE))
                .isEqualTo(new LookUp(false, new Acceptance(5_000, 0, 0, 0)));
    }

    @Test
    void onlyIfCachedComputesNothing() {
        assertThat(Cacheability.decide(ask("only-if-cached", Wish.NONE), CachePolicy.DEFAULT))
                .isEqualTo(new LookUp(true, PLAIN.acceptance()));
        assertThat(Cacheability.decide(ask("only-if-cached, no-store", Wish.NONE), ALL))
                .isEqualTo(new Unanswerable(Reason.NO_STORE));
        assertThat(Cacheability.decide(ask("only-if-cached, no-cache", Wish.NONE), ALL))
                .isEqualTo(new Unanswerable(Reason.NO_CACHE));
        assertThat(Cacheability.decide(ask("only-if-cached", Wish.OFF), ALL))
                .isEqualTo(new Unanswerable(Reason.SWITCHED_OFF));
        assertThat(Cacheability.decide(ask("only-if-cached", Wish.NONE), OFF)).isEqualTo(new Bypass(Reason.MODE_OFF));
    }

    @Test
    void manyChoicesAndStreamsAreTheOperatorsToRefuse() {
        var many = new CacheAsk(Temperature.ZERO, false, 9, true, CacheControl.NONE, Wish.NONE);
        var stream = new CacheAsk(Temperature.ZERO, false, 8, true, CacheControl.NONE, Wish.NONE);
        var noStreams = new CachePolicy(Mode.ALL, Duration.ZERO, 8, false);

        assertThat(Cacheability.decide(many, ALL)).isEqualTo(new Bypass(Reason.TOO_MANY_CHOICES));
        assertThat(Cacheability.decide(stream, ALL)).isEqualTo(PLAIN);
        assertThat(Cacheability.decide(stream, noStreams)).isEqualTo(new Bypass(Reason.STREAM));
    }

    @ParameterizedTest
    @EnumSource(Temperature.class)
    void whatIsNotReadAndNotStoredIsAlwaysABypass(Temperature temperature) {
        var asked = new CacheAsk(temperature, true, 1, false, CacheControl.parse("no-store"), Wish.ON);

        assertThat(Cacheability.decide(asked, ALL)).isEqualTo(new Bypass(Reason.NO_STORE));
        assertThat(Cacheability.decide(ask(temperature), OFF)).isEqualTo(new Bypass(Reason.MODE_OFF));
    }

    /// Columns: header, age, life left, in s; accepted, accepted after an error.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 100 | 200 | true | true",
                "'' | 300 | 0 | true | true",
                "'' | 359 | -59 | true | true",
                "'' | 361 | -61 | false | false",
                "max-age=100 | 99 | 201 | true | true",
                "max-age=100 | 100 | 200 | false | false",
                "max-age=100 | 310 | -10 | false | false",
                "max-age=400 | 310 | -10 | false | false",
                "max-age=400, max-stale=10 | 310 | -10 | true | true",
                "max-stale=9 | 310 | -10 | false | false",
                "max-stale | 359 | -59 | true | true",
                "max-stale | 361 | -61 | false | false",
                "max-stale=0 | 301 | -1 | false | false",
                "min-fresh=50 | 250 | 50 | true | true",
                "min-fresh=50 | 251 | 49 | false | false",
                "min-fresh=50, max-stale | 301 | -1 | false | false",
                "max-stale=0, stale-if-error=20 | 320 | -20 | false | true",
                "max-stale=0, stale-if-error=20 | 321 | -21 | false | false",
                "max-age=1, stale-if-error=20 | 200 | 100 | false | true",
                "stale-if-error=999 | 361 | -61 | false | false",
            })
    void anAnswerMustBeAsTheRequestWantsIt(String header, long age, long left, boolean accepted, boolean afterError) {
        var freshness = new Freshness(Duration.ofMinutes(5), STALE.staleWindow());
        Reading reading = freshness.read(new Freshness.Life(0, age * 1000, (age + left) * 1000), 0);
        var lookUp = (LookUp) Cacheability.decide(ask(header, Wish.NONE), STALE);

        assertThat(lookUp.acceptance().accepts(reading)).isEqualTo(accepted);
        assertThat(lookUp.acceptance().acceptsAfterError(reading)).isEqualTo(afterError);
    }

    @Test
    void nothingStaleIsServedUnlessTheOperatorAllowsIt() {
        var lookUp = (LookUp) Cacheability.decide(ask("max-stale, stale-if-error=100", Wish.NONE), CachePolicy.DEFAULT);
        var stale = new Reading(State.EXPIRED, 301_000, -1_000);

        assertThat(lookUp.acceptance().accepts(stale)).isFalse();
        assertThat(lookUp.acceptance().acceptsAfterError(stale)).isFalse();
    }

    @Test
    void senselessFactsAndPoliciesAreRefused() {
        assertThatThrownBy(() -> new CacheAsk(Temperature.ZERO, false, 0, false, CacheControl.NONE, Wish.NONE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CachePolicy(Mode.ALL, Duration.ofSeconds(-1), 1, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CachePolicy(Mode.ALL, Duration.ZERO, 0, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
