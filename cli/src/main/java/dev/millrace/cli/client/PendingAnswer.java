package dev.millrace.cli.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A question on its way: waits for the answer to begin, and can be stopped at any time by any thread.
public final class PendingAnswer implements AutoCloseable {
    private final CompletableFuture<HttpResponse<InputStream>> response;
    private volatile @Nullable AnswerStream stream;
    private volatile boolean closed;

    PendingAnswer(CompletableFuture<HttpResponse<InputStream>> response) {
        this.response = response;
    }

    /// Waits for the answer's head.
    ///
    /// @return the answer, or `null` if [#close] was called meanwhile
    /// @throws ServerRefusedException if the server answered with an error
    /// @throws IOException if there was no answer
    public @Nullable AnswerStream begin() throws IOException, InterruptedException, ServerRefusedException {
        HttpResponse<InputStream> head;
        try {
            head = response.get();
        } catch (CancellationException e) {
            return null;
        } catch (ExecutionException e) {
            if (closed) {
                return null;
            }
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(ServerClient.reason(cause), cause);
        }
        AnswerStream begun = new AnswerStream(ServerClient.okBody(head));
        stream = begun;
        if (closed) {
            begun.close();
        }
        return begun;
    }

    /// Stops waiting, and stops the answer if it has begun: closing the connection tells the server. Idempotent.
    public void stop() {
        closed = true;
        response.cancel(true);
        AnswerStream begun = stream;
        if (begun != null) {
            begun.close();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
