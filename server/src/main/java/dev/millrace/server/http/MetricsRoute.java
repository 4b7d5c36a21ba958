package dev.millrace.server.http;

import dev.millrace.core.id.RequestId;
import dev.millrace.server.account.Scrape;
import dev.millrace.server.reply.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/// `GET /metrics`.
record MetricsRoute(Scrape scrape) {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    void answer(HttpServerRequest request, RequestId id, String tail) {
        Reply.send(request.response(), 200, id, TEXT, Buffer.buffer(scrape.text()));
    }
}
