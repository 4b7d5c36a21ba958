package dev.millrace.testing.fault;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// What happens to the bytes of one direction: when they pass, in which pieces, and how many of them. Bytes are never
/// changed or put in another order. Its methods add up: a link may be slow, sliced and cut at once. *Immutable.*
///
/// @param latency from a byte's arrival to its leaving, without making the link narrower
/// @param jitter up to so much more, by chance from the seed
/// @param bytesPerSecond how fast bytes leave; 0 for no limit
public record Link(Duration latency, Duration jitter, long bytesPerSecond, Slicing slicing, Limit limit) {
    /// Passes everything on as it comes.
    public static final Link PLAIN = new Link(
            Duration.ZERO,
            Duration.ZERO,
            0,
            new Slicing(Slicing.Cut.NOWHERE, 0, List.of(), Duration.ZERO),
            new Limit(Long.MAX_VALUE, Limit.Then.CUT));

    private static final Duration GAP = Duration.ofNanos(200_000);

    /// Where the stream is cut into pieces, each in a segment of its own.
    ///
    /// @param bytes of a piece: all of them, or the most by chance
    /// @param offsets behind which a piece ends, ascending
    /// @param gap between two pieces
    public record Slicing(Cut cut, int bytes, List<Long> offsets, Duration gap) {
        /// What decides where pieces end.
        public enum Cut {
            NOWHERE,
            EVENLY,
            BY_CHANCE,
            AT_OFFSETS
        }
    }

    /// What happens behind so many bytes.
    public record Limit(long bytes, Then then) {
        /// What happens.
        public enum Then {
            /// Both sides see a close in order.
            CUT,
            /// Both sides see a reset.
            RESET,
            /// Nothing more passes; the connection stays open until the other direction ends.
            STALL,
            /// This direction ends in order, the other goes on.
            HALF_CLOSE
        }
    }

    /// Delays every byte by so much.
    public Link latency(Duration delay) {
        return new Link(delay, jitter, bytesPerSecond, slicing, limit);
    }

    /// Delays by up to so much more.
    public Link jitter(Duration most) {
        return new Link(latency, most, bytesPerSecond, slicing, limit);
    }

    /// Lets so many bytes leave in a second.
    public Link bandwidth(long newBytesPerSecond) {
        return new Link(latency, jitter, newBytesPerSecond, slicing, limit);
    }

    /// Cuts into pieces of so many bytes, 0.2 ms apart so that a reader meets them one by one.
    public Link slice(int bytes) {
        return slice(bytes, GAP);
    }

    /// Cuts into pieces of so many bytes, so far apart.
    public Link slice(int bytes, Duration gap) {
        return with(new Slicing(Slicing.Cut.EVENLY, bytes, List.of(), gap));
    }

    /// Cuts into pieces of one byte up to so many, by chance from the seed.
    public Link sliceByChance(int mostBytes, Duration gap) {
        return with(new Slicing(Slicing.Cut.BY_CHANCE, mostBytes, List.of(), gap));
    }

    /// Cuts once behind each of these offsets of the stream.
    public Link splitAt(Duration gap, long... offsets) {
        return with(new Slicing(
                Slicing.Cut.AT_OFFSETS,
                0,
                Arrays.stream(offsets).sorted().boxed().toList(),
                gap));
    }

    /// Closes both sides in order behind so many bytes. Of 0 bytes, as in all limits: when the first would pass.
    public Link cutAfter(long bytes) {
        return with(new Limit(bytes, Limit.Then.CUT));
    }

    /// Resets both sides behind so many bytes.
    public Link resetAfter(long bytes) {
        return with(new Limit(bytes, Limit.Then.RESET));
    }

    /// Lets nothing pass behind so many bytes, and keeps the connection open until the other direction ends.
    public Link stallAfter(long bytes) {
        return with(new Limit(bytes, Limit.Then.STALL));
    }

    /// Ends this direction in order behind so many bytes; the other goes on.
    public Link halfCloseAfter(long bytes) {
        return with(new Limit(bytes, Limit.Then.HALF_CLOSE));
    }

    private Link with(Slicing other) {
        return new Link(latency, jitter, bytesPerSecond, other, limit);
    }

    private Link with(Limit other) {
        return new Link(latency, jitter, bytesPerSecond, slicing, other);
    }
}
