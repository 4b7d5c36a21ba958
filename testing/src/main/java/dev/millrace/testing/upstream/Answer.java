package dev.millrace.testing.upstream;

import dev.millrace.testing.upstream.Transport.Closing;
import dev.millrace.testing.upstream.Transport.Framing;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A scene that answers a completion or an embedding, and may go wrong on the way. Events are counted from the first
/// `data:` line: a chat's first event has the role, and each word follows in one of its own. What is said of events
/// holds for streams, what is said of the whole body for the rest. *Immutable.*
///
/// ```java
/// Scene.answer("one two three").pace(Duration.ofMillis(5)).stallAfterEvents(2)
/// ```
public record Answer(Content content, Pacing pacing, Set<Quirk> quirks, Faults faults, Transport transport)
        implements Scene {
    static Answer of(Function<SeenRequest, String> text) {
        return new Answer(new Content(text, "stop", ""), Pacing.NONE, Set.of(), Faults.NONE, Transport.PLAIN);
    }

    /// Waits before the first byte.
    public Answer headersAfter(Duration wait) {
        return with(new Pacing(wait, pacing.firstToken(), pacing.between()));
    }

    /// Waits between the head, with the role's event in a stream, and the first word.
    public Answer firstTokenAfter(Duration wait) {
        return with(new Pacing(pacing.headers(), wait, pacing.between()));
    }

    /// Waits between the events of a stream.
    public Answer pace(Duration betweenEvents) {
        return with(new Pacing(pacing.headers(), pacing.firstToken(), betweenEvents));
    }

    /// Says that another model answered than the one that was asked for.
    public Answer wrongModel(String name) {
        return with(new Content(content.text(), content.finishReason(), name));
    }

    /// Ends for another reason than `stop`.
    public Answer finishReason(String reason) {
        return with(new Content(content.text(), reason, content.model()));
    }

    /// Closes in order behind so many events, without the end of the body.
    public Answer cutAfterEvents(int events) {
        return with(faults.stream(new Break(Step.End.FIN, events)));
    }

    /// Resets the connection behind so many events.
    public Answer resetAfterEvents(int events) {
        return with(faults.stream(new Break(Step.End.RESET, events)));
    }

    /// Falls silent behind so many events, until the client leaves.
    public Answer stallAfterEvents(int events) {
        return with(faults.stream(new Break(Step.End.STALL, events)));
    }

    /// Closes in order behind so many bytes of a whole body, whose head promises all of them.
    public Answer wholeCutAfterBytes(int bytes) {
        return with(faults.whole(new Break(Step.End.FIN, bytes)));
    }

    /// Resets the connection behind so many bytes of a whole body.
    public Answer wholeResetAfterBytes(int bytes) {
        return with(faults.whole(new Break(Step.End.RESET, bytes)));
    }

    /// Falls silent behind so many bytes of a whole body, until the client leaves.
    public Answer wholeStallAfterBytes(int bytes) {
        return with(faults.whole(new Break(Step.End.STALL, bytes)));
    }

    /// Puts one more event behind so many others, which go on behind it.
    ///
    /// @param payload what follows `data: `
    public Answer insertEvent(int afterEvents, String payload) {
        return with(faults.insert(new Insertion(afterEvents, payload, false)));
    }

    /// Puts an event that is no JSON behind so many others.
    public Answer malformedEvent(int afterEvents) {
        return insertEvent(afterEvents, "{broken");
    }

    /// Puts an error behind so many events, which ends the stream in order, without `[DONE]`.
    public Answer errorEvent(int afterEvents) {
        return errorEvent(
                afterEvents, ErrorTexts.openAi("server_error", "engine_failed", "the engine failed in the middle"));
    }

    /// The same with a payload of its own.
    public Answer errorEvent(int afterEvents, String payload) {
        return with(faults.insert(new Insertion(afterEvents, payload, true)));
    }

    /// Puts an event with a text of so many bytes behind so many others.
    public Answer oversizedEvent(int afterEvents, int bytes) {
        return insertEvent(
                afterEvents, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "x".repeat(bytes) + "\"}}]}");
    }

    /// Ends the stream without `[DONE]`.
    public Answer noDone() {
        return with(Quirk.NO_DONE);
    }

    /// Leaves out the event with the finish reason.
    public Answer noFinishReason() {
        return with(Quirk.NO_FINISH_REASON);
    }

    /// Leaves out the blank line behind the last event.
    public Answer noFinalBlankLine() {
        return with(Quirk.NO_FINAL_BLANK_LINE);
    }

    /// Ends the lines of a stream by CR and LF.
    public Answer crlf() {
        return with(Quirk.CRLF);
    }

    /// Writes `data:` without the blank behind it.
    public Answer noSpace() {
        return with(Quirk.NO_SPACE);
    }

    /// Puts a comment before each event of a stream.
    public Answer commentPings() {
        return with(Quirk.COMMENT_PINGS);
    }

    /// With one more header line; `Content-Type` replaces the usual one.
    public Answer header(String name, String value) {
        return with(transport.withHeader(name, value));
    }

    /// A whole body in chunks; a stream is sent so anyway.
    public Answer chunked() {
        return with(transport.with(Framing.CHUNKED));
    }

    /// Neither length nor chunks: the body ends where the connection does, so that a cut looks like the end.
    public Answer untilClose() {
        return with(transport.with(Framing.UNTIL_CLOSE));
    }

    /// Closes the connection behind the answer, and says so by `Connection: close`.
    public Answer connectionClose() {
        return with(transport.with(Closing.ANNOUNCED));
    }

    /// Closes the connection behind the answer without having said so.
    public Answer closeAfterAnswer() {
        return with(transport.with(Closing.SILENT));
    }

    private Answer with(Content other) {
        return new Answer(other, pacing, quirks, faults, transport);
    }

    private Answer with(Pacing other) {
        return new Answer(content, other, quirks, faults, transport);
    }

    private Answer with(Quirk one) {
        Set<Quirk> more = EnumSet.of(one);
        more.addAll(quirks);
        return new Answer(content, pacing, Set.copyOf(more), faults, transport);
    }

    private Answer with(Faults other) {
        return new Answer(content, pacing, quirks, other, transport);
    }

    private Answer with(Transport other) {
        return new Answer(content, pacing, quirks, faults, other);
    }

    @Override
    public List<Step> steps(SeenRequest request) {
        CompletionTexts texts = CompletionTexts.of(
                request,
                content.text().apply(request),
                content.finishReason(),
                content.model().isEmpty() ? request.model() : content.model());
        return request.stream() && !texts.embeds()
                ? new StreamScript(request, texts, pacing, quirks, faults, transport).steps()
                : WholeScript.steps(texts, pacing, faults, transport);
    }

    /// @param model that answers; empty for the one that was asked
    record Content(Function<SeenRequest, String> text, String finishReason, String model) {}
}
