package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.loop.Deadlined;
import dev.millrace.server.loop.LoopMailbox;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.models.ModelEvent;
import dev.millrace.server.models.ModelEvents;
import dev.millrace.server.models.ModelJson;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/// `GET /models/sse`: the state of every model and download, and then each change of it, until the client
/// leaves. *Confined to its event loop.*
final class ModelEventRoute {
    private static final ApiError FULL =
            ApiError.of(ErrorCode.QUEUE_FULL, "Too many clients watch the models; try again later.");
    private static final Buffer HEARTBEAT = Buffer.buffer(": heartbeat\n\n");
    private static final byte[] PREFIX = {'d', 'a', 't', 'a', ':', ' '};

    private final ServedModels models;
    private final ModelEvents events;
    private final @Nullable ModelChanges changes;
    private final LoopMailbox mailbox;
    private final DeadlineList deadlines;
    private final long heartbeatNanos;

    ModelEventRoute(
            ServedModels models,
            ModelEvents events,
            @Nullable ModelChanges changes,
            LoopMailbox mailbox,
            DeadlineList deadlines,
            long heartbeatNanos) {
        this.models = models;
        this.events = events;
        this.changes = changes;
        this.mailbox = mailbox;
        this.deadlines = deadlines;
        this.heartbeatNanos = heartbeatNanos;
    }

    void open(HttpServerRequest request, RequestId id, String tail) {
        Subscription subscription = new Subscription(request.response());
        if (!events.add(subscription.watcher)) {
            Reply.error(request.response(), id, FULL);
            return;
        }
        Reply.streamHead(request.response(), id);
        request.response().closeHandler(closed -> subscription.end());
        deadlines.add(subscription);
        models.pool().statuses().forEach(status -> subscription.write(new ModelEvent.Changed(status)));
        if (changes != null) {
            changes.downloads().unfinished().forEach(now -> subscription.write(new ModelEvent.Downloading(now)));
        }
    }

    private final class Subscription extends Deadlined {
        private final HttpServerResponse response;
        private final ModelEvents.Watcher watcher = new ModelEvents.Watcher(() -> mailbox.post(this));
        private long lastWriteNanos;
        private boolean quiet = true;

        Subscription(HttpServerResponse response) {
            this.response = response;
            response.drainHandler(drained -> run());
        }

        @Override
        protected void run() {
            if (!response.ended() && !response.writeQueueFull()) {
                watcher.take().forEach(this::write);
            }
        }

        private void write(ModelEvent event) {
            JsonBytes out = new JsonBytes(256);
            ModelJson.event(out, event);
            response.write(Buffer.buffer(PREFIX).appendBytes(out.toByteArray()).appendString("\n\n"));
            quiet = false;
        }

        @Override
        protected void checkDeadlines(long nowNanos) {
            if (!quiet) {
                quiet = true;
                lastWriteNanos = nowNanos;
            } else if (nowNanos - lastWriteNanos > heartbeatNanos && !response.writeQueueFull()) {
                response.write(HEARTBEAT);
                lastWriteNanos = nowNanos;
            }
        }

        @Override
        protected void shutDown() {
            end();
            response.end();
        }

        void end() {
            events.remove(watcher);
            deadlines.remove(this);
        }
    }
}
