package dev.millrace.server.cache;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.FinishReason;
import dev.millrace.gateway.cache.Completeness;
import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.Payload;
import dev.millrace.gateway.cache.StoredAnswer;
import dev.millrace.protocol.openai.AnswerReview;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.CacheUse;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.loop.LoopTask;
import dev.millrace.server.reply.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One computation of an answer that may be stored, from its start to the last word of its call. *Confined to
/// its event loop*, except [#followed] and [#abandon].
final class Run extends LoopTask {
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);

    private final LoopCache desk;
    private final Question question;
    private final CallHead head;
    private final CapturedResponse response;
    private final Visit starter;
    private final @Nullable FlightKey flight;
    private final long token;
    private final long createdMillis;
    private CacheUse use;
    private boolean over;
    private volatile boolean abandoned;

    /// @param flight whose followers wait for it; `null` if nobody can
    /// @param token says after which invalidation it begins
    Run(
            LoopCache desk,
            Visit starter,
            CapturedResponse response,
            @Nullable FlightKey flight,
            long token,
            CacheUse use) {
        this.desk = desk;
        this.starter = starter;
        this.question = starter.question();
        this.head = starter.head();
        this.response = response;
        this.flight = flight;
        this.token = token;
        this.createdMillis = desk.wallClock().millis();
        this.use = use;
    }

    boolean isOf(Visit visit) {
        return starter == visit;
    }

    void start(CallStarter call) {
        try {
            call.start(desk.calls().with(this::ended), head, response);
        } catch (RuntimeException e) {
            LOG.error("event=call_fault id={}", head.id(), e);
            if (!over) {
                ApiError fault =
                        ApiError.of(ErrorCode.INTERNAL_ERROR, "A fault of the server; its log has the request id.");
                if (!response.ended()) {
                    Reply.error(response, head.id(), fault);
                }
                long nanos = desk.calls().clock().nanoTime() - head.arrivalNanos();
                ended(CallSummary.refused(head.id(), head.operation(), head.model(), 500, fault.code(), nanos));
            }
        }
    }

    /// Somebody waits for it besides its client. On any thread.
    void followed() {
        desk.calls().mailbox().post(this);
    }

    /// Nobody waits for it any more. On any thread.
    void abandon() {
        abandoned = true;
        desk.calls().mailbox().post(this);
    }

    @Override
    protected void run() {
        if (over) {
            return;
        }
        if (abandoned) {
            response.clientGone();
        } else {
            response.unpause();
        }
    }

    /// Its client has left, and it goes on.
    void detach() {
        use = CacheUse.BEHIND;
        response.detach();
    }

    /// Its client got something else in the end.
    void goesBehind() {
        use = CacheUse.BEHIND;
    }

    private void ended(CallSummary call) {
        if (over) {
            return;
        }
        over = true;
        desk.calls().sink().ended(call.with(use));
        StoredAnswer answer = judged(call);
        if (answer != null) {
            long now = desk.calls().clock().nanoTime();
            desk.shared().keep(answer, Freshness.Life.local(now, answer.ttlMillis()), token, question.shareable());
        }
        starter.runEnded();
        if (flight != null) {
            tellOthers(flight, answer, call.error());
        }
    }

    private void tellOthers(FlightKey key, @Nullable StoredAnswer answer, @Nullable ErrorCode error) {
        if (answer != null) {
            desk.shared()
                    .flights()
                    .finished(key, starter)
                    .served()
                    .forEach(visit -> visit.tell(new Visit.Message.Answered(answer)));
            return;
        }
        Flights.Change change = desk.shared().flights().failed(key, starter);
        Failure failure = Failure.of(response, error);
        change.served().forEach(visit -> visit.tell(new Visit.Message.Failed(failure)));
        if (change.next() != null) {
            change.next().tell(new Visit.Message.Lead());
        }
    }

    /// The answer if it may be stored; else `null`.
    private @Nullable StoredAnswer judged(CallSummary call) {
        byte[] body = response.body();
        boolean stream = head.stream();
        AnswerReview review = stream ? AnswerReview.stream(orEmpty(body)) : AnswerReview.whole(orEmpty(body));
        boolean overflown = response.isOverflown();
        var observed = new Completeness.Observed(
                response.getStatusCode(),
                question.choices(),
                overflown ? List.of() : review.reasons(),
                body != null && review.isEnded(),
                review.isError() || (call.error() != null && call.error() != ErrorCode.CANCELLED),
                call.error() == ErrorCode.CANCELLED || call.finish() == FinishReason.CANCELLED,
                body == null ? 0 : body.length);
        boolean whole = Completeness.of(observed, desk.shared().mostBytes()).mayStore();
        if (!whole || body == null) {
            desk.shared().counts().incomplete();
            return null;
        }
        return stored(call, body, review);
    }

    private static byte[] orEmpty(byte @Nullable [] body) {
        return body == null ? new byte[0] : body;
    }

    private StoredAnswer stored(CallSummary call, byte[] body, AnswerReview review) {
        List<Payload.Spot> spots = review.ids().stream()
                .filter(span -> span.to() - span.from() <= Payload.MAX_ID_BYTES)
                .map(span -> new Payload.Spot(span.from(), span.to() - span.from()))
                .toList();
        return new StoredAnswer(
                question.key(),
                question.labels(),
                createdMillis,
                desk.drawTtlMillis(),
                head.stream() ? StoredAnswer.Kind.EVENT_STREAM : StoredAnswer.Kind.WHOLE_JSON,
                200,
                call.usage().promptTokens(),
                call.usage().completionTokens(),
                review.reasons(),
                new Payload(body, spots));
    }
}
