package dev.millrace.gateway.cache;

import java.time.Duration;

/// Which stored answers one request takes. *Immutable.*
///
/// @param maxAgeMillis an answer must be younger
/// @param minFreshMillis life that it must still have
/// @param maxStaleMillis how far past its life it may be
/// @param staleIfErrorMillis the same, where there is no other answer
public record Acceptance(long maxAgeMillis, long minFreshMillis, long maxStaleMillis, long staleIfErrorMillis) {
    /// What a request asks for, within what the operator allows. One that says nothing takes what is allowed; one that
    /// limits age or life takes nothing stale, unless it says so (RFC 9111, 5.2.1).
    static Acceptance of(CacheControl control, CachePolicy policy) {
        long window = policy.staleWindow().toMillis();
        boolean limited = control.maxAgeSeconds() != CacheControl.NOT_GIVEN
                || control.minFreshSeconds() != CacheControl.NOT_GIVEN;
        return new Acceptance(
                millis(control.maxAgeSeconds(), Long.MAX_VALUE),
                millis(control.minFreshSeconds(), 0),
                Math.min(window, millis(control.maxStaleSeconds(), limited ? 0 : window)),
                Math.min(window, millis(control.staleIfErrorSeconds(), 0)));
    }

    /// True if an answer in this state will do.
    public boolean accepts(Freshness.Reading reading) {
        if (reading.ageMillis() >= maxAgeMillis || reading.state() == Freshness.State.EXPIRED) {
            return false;
        }
        return reading.leftMillis() > 0
                ? reading.leftMillis() >= minFreshMillis
                : minFreshMillis == 0 && -reading.leftMillis() <= maxStaleMillis;
    }

    /// True if an answer in this state will do now that computing one has failed. A stale one goes before an error,
    /// whatever else the request says about age (RFC 5861, 4).
    public boolean acceptsAfterError(Freshness.Reading reading) {
        return accepts(reading)
                || (reading.state() != Freshness.State.EXPIRED
                        && staleIfErrorMillis > 0
                        && -reading.leftMillis() <= staleIfErrorMillis);
    }

    private static long millis(long seconds, long ifNotGiven) {
        return seconds == CacheControl.NOT_GIVEN
                ? ifNotGiven
                : Duration.ofSeconds(seconds).toMillis();
    }
}
