package dev.millrace.models.download;

import dev.millrace.models.download.Ranges.Range;
import java.util.ArrayList;
import java.util.List;

/// Which requests fetch what is missing. *Immutable.*
///
/// @param pieces in the order of the file; each is one request
/// @param connections at a time
record PartPlan(List<Range> pieces, int connections) {
    /// More pieces than this would only be overhead; they grow instead.
    static final int MAX_PIECES = 4096;

    PartPlan {
        pieces = List.copyOf(pieces);
    }

    /// Cuts what is missing so that all connections have something to do until near the end: a piece is a share of what
    /// is
    /// missing, within the limits for one request.
    static PartPlan of(List<Range> missing, int parts, PullLimits limits) {
        long total = missing.stream().mapToLong(Range::bytes).sum();
        long share = Math.ceilDiv(total, parts);
        long piece = Math.clamp(
                share, limits.smallestPiece().bytes(), limits.largestPiece().bytes());
        piece = Math.max(piece, Math.ceilDiv(total, MAX_PIECES));
        List<Range> pieces = new ArrayList<>();
        for (Range range : missing) {
            for (long from = range.from(); from < range.to(); from += piece) {
                pieces.add(new Range(from, Math.min(range.to(), from + piece)));
            }
        }
        return new PartPlan(pieces, Math.clamp(pieces.size(), 1, parts));
    }
}
