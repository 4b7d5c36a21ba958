package dev.millrace.gateway.cache;

import dev.millrace.gateway.cache.CacheAsk.Temperature;
import dev.millrace.gateway.cache.CacheAsk.Wish;

/// Whether the cache takes part in a request, and how. *Immutable.*
///
/// ```java
/// switch (Cacheability.decide(ask, policy)) {
///     case Cacheability.Bypass bypass -> …
///     case Cacheability.StoreOnly store -> …
///     case Cacheability.LookUp lookUp -> …
///     case Cacheability.Unanswerable refused -> … // 504
/// }
/// ```
public sealed interface Cacheability {
    /// The request goes past the cache.
    record Bypass(Reason reason) implements Cacheability {}

    /// The answer is computed, and kept.
    record StoreOnly() implements Cacheability {}

    /// The cache is asked first; what is computed on a miss is kept.
    ///
    /// @param onlyIfCached a miss is the error 504, and nothing is computed
    /// @param acceptance which stored answers will do
    record LookUp(boolean onlyIfCached, Acceptance acceptance) implements Cacheability {}

    /// The request accepts nothing but a stored answer and cannot have one: the error 504.
    record Unanswerable(Reason reason) implements Cacheability {}

    /// Why a stored answer will not do.
    enum Reason {
        /// The cache is switched off.
        MODE_OFF,
        /// `x-millrace-cache: off`.
        SWITCHED_OFF,
        /// `Cache-Control: no-store`.
        NO_STORE,
        /// `Cache-Control: no-cache` or `max-age=0`, or `x-millrace-cache: refresh`.
        NO_CACHE,
        /// The answer is drawn anew each time.
        NOT_DETERMINISTIC,
        /// More answers at once than are kept.
        TOO_MANY_CHOICES,
        /// Streams are not kept.
        STREAM
    }

    /// Decides for one request. Without a cache, `only-if-cached` is ignored, as any server of origin ignores it.
    static Cacheability decide(CacheAsk ask, CachePolicy policy) {
        if (policy.mode() == CachePolicy.Mode.OFF) {
            return new Bypass(Reason.MODE_OFF);
        }
        CacheControl control = ask.control();
        if (ask.wish() == Wish.OFF) {
            return without(control, Reason.SWITCHED_OFF);
        }
        if (control.noStore()) {
            return without(control, Reason.NO_STORE);
        }
        if (!isRepeatable(ask, policy.mode())) {
            return without(control, Reason.NOT_DETERMINISTIC);
        }
        if (ask.choices() > policy.maxChoices()) {
            return without(control, Reason.TOO_MANY_CHOICES);
        }
        if (ask.stream() && !policy.streams()) {
            return without(control, Reason.STREAM);
        }
        if (ask.wish() == Wish.REFRESH || control.noCache() || control.maxAgeSeconds() == 0) {
            return control.onlyIfCached() ? new Unanswerable(Reason.NO_CACHE) : new StoreOnly();
        }
        return new LookUp(control.onlyIfCached(), Acceptance.of(control, policy));
    }

    private static boolean isRepeatable(CacheAsk ask, CachePolicy.Mode mode) {
        // Who asks for a cached answer by name has decided about its own answers; only others who do so see them.
        return mode == CachePolicy.Mode.ALL
                || ask.wish() == Wish.ON
                || ask.seeded()
                || ask.temperature() == Temperature.ZERO
                || ask.temperature() == Temperature.NOT_SAMPLED;
    }

    private static Cacheability without(CacheControl control, Reason reason) {
        return control.onlyIfCached() ? new Unanswerable(reason) : new Bypass(reason);
    }
}
