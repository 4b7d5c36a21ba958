package dev.millrace.protocol.openai;

import dev.millrace.protocol.json.JsonBytes;
import org.jspecify.annotations.Nullable;

/// What routing needs of a request whose body is passed on as it is, and where in the body it stands. *Immutable.*
///
/// @param model the public name that was asked for
/// @param modelAt where the name stands in the body, with its quotes
/// @param usageAsked the client wants the usage event of a stream
/// @param usageAt where `include_usage` has to be put so that the upstream counts
/// @param promptAt where the messages, the prompt or the input stand; empty if there are none
/// @param session what the client says belongs together (`prompt_cache_key`, else `user`); `null` if it says
///     nothing
/// @param draw what it says of chance
public record RelayRequest(
        String model,
        Span modelAt,
        boolean stream,
        boolean usageAsked,
        UsageSpot usageAt,
        Span promptAt,
        @Nullable String session,
        Draw draw) {
    private static final String OPTIONS = "\"stream_options\":{\"include_usage\":true}";
    private static final String USAGE = "\"include_usage\":true";

    /// A part of the body, `from` included, `to` not.
    public record Span(int from, int to) {
        /// Nothing.
        public static final Span NONE = new Span(0, 0);
    }

    /// Where the wish for usage has to be written, and how.
    public sealed interface UsageSpot {
        /// There are no stream options: they go behind the brace at this place.
        record NewOptions(int at) implements UsageSpot {}

        /// There are options without it: it goes behind their brace.
        record NewField(int at, boolean alone) implements UsageSpot {}

        /// It is there and says something else.
        record Replace(Span value) implements UsageSpot {}

        /// The options are there and are null.
        record ReplaceOptions(Span value) implements UsageSpot {}
    }

    /// The body for an upstream that calls the model `upstreamModel`; the same array if nothing has to change.
    ///
    /// @param body what this was read from
    /// @param askForUsage make the upstream end its stream with a usage event
    public byte[] bodyFor(byte[] body, String upstreamModel, boolean askForUsage) {
        boolean renamed = !upstreamModel.equals(model);
        boolean usage = askForUsage && stream && !usageAsked;
        if (!renamed && !usage) {
            return body;
        }
        var out = new JsonBytes(body.length + upstreamModel.length() + OPTIONS.length() + 2);
        int at = 0;
        boolean usageFirst = usage && spot(usageAt).from() <= modelAt.from();
        if (usageFirst) {
            at = writeUsage(body, out, at);
        }
        if (renamed) {
            out.raw(body, at, modelAt.from()).string(upstreamModel);
            at = modelAt.to();
        }
        if (usage && !usageFirst) {
            at = writeUsage(body, out, at);
        }
        return out.raw(body, at, body.length).toByteArray();
    }

    private static Span spot(UsageSpot usage) {
        return switch (usage) {
            case UsageSpot.NewOptions(int at) -> new Span(at, at);
            case UsageSpot.NewField(int at, boolean _) -> new Span(at, at);
            case UsageSpot.Replace(Span value) -> value;
            case UsageSpot.ReplaceOptions(Span value) -> value;
        };
    }

    private int writeUsage(byte[] body, JsonBytes out, int from) {
        Span spot = spot(usageAt);
        out.raw(body, from, spot.from());
        switch (usageAt) {
            case UsageSpot.NewOptions _ -> out.ascii(OPTIONS).ascii(",");
            case UsageSpot.NewField(int _, boolean alone) -> out.ascii(USAGE).ascii(alone ? "" : ",");
            case UsageSpot.Replace _ -> out.ascii("true");
            case UsageSpot.ReplaceOptions _ -> out.ascii("{").ascii(USAGE).ascii("}");
        }
        return spot.to();
    }
}
