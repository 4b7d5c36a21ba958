package dev.millrace.server.cache;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.gateway.cache.Acceptance;
import dev.millrace.gateway.cache.StoredAnswer;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.CacheUse;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.loop.Deadlined;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A request that no stored answer answered: it has the answer computed, or waits for the one that an equal
/// request has computed; by its own deadline, and until its client leaves. *Confined to its event loop*, except
/// [#tell].
final class Visit extends Deadlined {
    private static final Buffer HEARTBEAT = Buffer.buffer(": ping\n\n".getBytes(StandardCharsets.US_ASCII));
    private static final String MISS = "miss";

    private enum Phase {
        ARRIVING,
        FOLLOWING,
        ASKING,
        LEADING,
        DONE
    }

    private final LoopCache desk;
    private final CallHead head;
    private final Question question;
    private final CallStarter call;
    private final @Nullable HttpServerResponse client;
    private final Kept.@Nullable Found spare;
    private Phase phase = Phase.ARRIVING;
    private @Nullable FlightKey flight;
    private @Nullable Run run;
    private @Nullable CapturedResponse captured;
    private long lastWriteNanos;
    private volatile @Nullable Message message;

    /// @param client absent for an answer that is computed anew behind the scenes
    /// @param spare an answer for the case that computing one fails
    Visit(
            LoopCache desk,
            CallHead head,
            Question question,
            CallStarter call,
            @Nullable HttpServerResponse client,
            Kept.@Nullable Found spare) {
        this.desk = desk;
        this.head = head;
        this.question = question;
        this.call = call;
        this.client = client;
        this.spare = spare;
        this.lastWriteNanos = head.arrivalNanos();
    }

    /// What others have to say. *Immutable.*
    sealed interface Message {
        /// Here is the answer.
        record Answered(StoredAnswer answer) implements Message {}

        /// There is none.
        record Failed(Failure failure) implements Message {}

        /// Compute it.
        record Lead() implements Message {}

        /// What other servers have.
        record Elsewhere(@Nullable StoredAnswer answer) implements Message {}
    }

    CallHead head() {
        return head;
    }

    Question question() {
        return question;
    }

    /// Meets others who ask the same.
    void start() {
        var key = new FlightKey(question.key(), desk.shared().store().started());
        watchClient();
        Flights.Arrived arrived = desk.shared().flights().arrive(key, this);
        switch (arrived.role()) {
            case LEAD -> {
                flight = key;
                lead();
            }
            case FOLLOW -> {
                flight = key;
                phase = Phase.FOLLOWING;
                desk.shared().counts().followed();
                desk.calls().deadlines().add(this);
                if (arrived.run() != null) {
                    arrived.run().followed();
                }
            }
            case ALONE -> compute(null, CacheUse.MISS);
        }
    }

    /// Has the answer computed, whoever else does.
    void startAlone(CacheUse use) {
        watchClient();
        compute(null, use);
    }

    /// Computes behind the scenes; the flight was claimed.
    void startBehind(FlightKey claimed) {
        flight = claimed;
        compute(claimed, CacheUse.BEHIND);
    }

    private void watchClient() {
        if (client != null) {
            client.closeHandler(closed -> clientLeft());
        }
    }

    /// What was computed between the look and the arrival need not be computed again.
    private void lead() {
        FlightKey key = flight;
        Kept.Found found = desk.find(question);
        if (found == null || key == null) {
            askOthers(key);
        } else {
            serveAll(key, found);
        }
    }

    private void serveAll(FlightKey key, Kept.Found found) {
        StoredAnswer answer = found.kept().answer();
        Flights.Change change = desk.shared().flights().finished(key, this);
        done();
        if (client != null && client.headWritten()) {
            client.end(StoredReply.body(head, answer));
            desk.calls().sink().ended(StoredReply.summary(head, answer, CacheUse.HIT, now()));
        } else if (client != null) {
            desk.give(client, head, found, false);
        }
        change.served().forEach(visit -> visit.tell(new Message.Answered(answer)));
    }

    /// Another server may have computed it.
    private void askOthers(@Nullable FlightKey key) {
        SharedTier others = desk.shared().tier();
        if (others == null || key == null || !question.shareable()) {
            compute(key, CacheUse.MISS);
            return;
        }
        phase = Phase.ASKING;
        others.find(question.key(), question.labels().tenant(), answer -> tell(new Message.Elsewhere(answer)));
    }

    private void heardFromOthers(@Nullable StoredAnswer answer) {
        FlightKey key = flight;
        Kept.Found found = answer == null || key == null ? null : desk.shared().keepShared(answer, key.token(), now());
        Acceptance acceptance = question.acceptance();
        if (found == null || key == null || acceptance == null || !acceptance.accepts(found.reading())) {
            compute(key, CacheUse.MISS);
        } else {
            serveAll(key, found);
        }
    }

    private void compute(@Nullable FlightKey key, CacheUse use) {
        desk.calls().deadlines().remove(this);
        phase = Phase.LEADING;
        if (client != null && !client.headWritten()) {
            client.putHeader(HeaderNames.CACHE, use == CacheUse.REFRESH ? "refresh" : MISS);
        }
        var response = new CapturedResponse(client, desk.shared().mostBytes());
        long token = key == null ? desk.shared().store().started() : key.token();
        var computation = new Run(desk, this, response, key, token, use);
        captured = response;
        run = computation;
        if (spare != null) {
            response.insteadOfError(() -> giveSpare(computation, spare));
        }
        if (key != null && desk.shared().flights().running(key, this, computation)) {
            response.unpause();
        }
        computation.start(call);
    }

    private void giveSpare(Run failing, Kept.Found kept) {
        if (client != null) {
            failing.goesBehind();
            desk.give(client, head, kept, true);
        }
    }

    /// The run that this began has ended, and its client has what there is.
    void runEnded() {
        phase = Phase.DONE;
    }

    /// On any thread.
    void tell(Message news) {
        message = news;
        desk.calls().mailbox().post(this);
    }

    @Override
    protected void run() {
        Message news = message;
        message = null;
        if (news instanceof Message.Elsewhere(StoredAnswer answer)) {
            if (phase == Phase.ASKING) {
                heardFromOthers(answer);
            }
            return;
        }
        if (news == null || phase != Phase.FOLLOWING) {
            return;
        }
        switch (news) {
            case Message.Elsewhere _ -> {
                // Only who leads asks.
            }
            case Message.Answered(StoredAnswer answer) -> answered(answer);
            case Message.Failed(Failure failure) -> failed(failure);
            case Message.Lead _ -> lead();
        }
    }

    private void answered(StoredAnswer answer) {
        done();
        if (client == null) {
            return;
        }
        if (client.headWritten()) {
            client.end(StoredReply.body(head, answer));
        } else {
            StoredReply.send(client, head, answer, MISS, 0);
        }
        desk.calls().sink().ended(StoredReply.summary(head, answer, CacheUse.SHARED, now()));
    }

    private void failed(Failure failure) {
        if (!failure.isShown()) {
            flight = null;
            compute(null, CacheUse.MISS);
            return;
        }
        done();
        if (client != null) {
            var response = new CapturedResponse(client, 0);
            put(response, HeaderNames.CACHE, MISS);
            put(response, HeaderNames.RETRY_AFTER_MS, failure.retryAfterMs());
            put(response, io.vertx.core.http.HttpHeaders.RETRY_AFTER, failure.retryAfter());
            Reply.send(response, failure.status(), head.id(), HeaderNames.JSON, Buffer.buffer(failure.body()));
        }
        summarize(failure.status(), failure.code());
    }

    private static void put(CapturedResponse response, CharSequence name, @Nullable String value) {
        if (value != null) {
            response.putHeader(name, value);
        }
    }

    private void refuse(ErrorCode code, String text) {
        done();
        if (client != null) {
            Reply.error(new CapturedResponse(client, 0), head.id(), ApiError.of(code, text));
        }
        summarize(Status.of(code), code);
    }

    private void summarize(int status, ErrorCode code) {
        desk.calls()
                .sink()
                .ended(new CallSummary(
                        head.id(),
                        head.operation(),
                        head.model(),
                        head.stream(),
                        status,
                        code,
                        null,
                        Usage.NONE,
                        Timings.NONE,
                        0,
                        0,
                        now() - head.arrivalNanos(),
                        CacheUse.SHARED));
    }

    private void done() {
        phase = Phase.DONE;
        desk.calls().deadlines().remove(this);
    }

    private long now() {
        return desk.calls().clock().nanoTime();
    }

    private void clientLeft() {
        switch (phase) {
            case ARRIVING, DONE -> {
                // Nothing depends on it.
            }
            case FOLLOWING, ASKING -> {
                leave();
                done();
                summarize(Status.CLIENT_LEFT, ErrorCode.CANCELLED);
            }
            case LEADING -> leaderLeft();
        }
    }

    private void leaderLeft() {
        CapturedResponse response = captured;
        Run running = run;
        if (response == null || running == null) {
            return;
        }
        if (flight != null && desk.shared().flights().left(flight, this).goesOn()) {
            phase = Phase.DONE;
            running.detach();
            summarize(Status.CLIENT_LEFT, ErrorCode.CANCELLED);
        } else {
            response.clientGone();
        }
    }

    /// Others may have to go on for this one.
    private void leave() {
        if (flight == null) {
            return;
        }
        Flights.Change change = desk.shared().flights().left(flight, this);
        if (change.next() != null) {
            change.next().tell(new Message.Lead());
        }
        if (change.orphan() != null) {
            change.orphan().abandon();
        }
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        if (nowNanos - head.arrivalNanos() > question.waitNanos()) {
            leave();
            refuse(ErrorCode.TOTAL_TIMEOUT, "The answer took longer than allowed.");
        } else if (head.stream()
                && client != null
                && nowNanos - lastWriteNanos > desk.calls().limits().heartbeatNanos()) {
            if (!client.headWritten()) {
                Reply.streamHead(client, head.id());
                client.putHeader(HeaderNames.CACHE, MISS);
            }
            client.write(HEARTBEAT);
            lastWriteNanos = nowNanos;
        }
    }

    @Override
    protected void shutDown() {
        leave();
        refuse(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.");
    }
}
