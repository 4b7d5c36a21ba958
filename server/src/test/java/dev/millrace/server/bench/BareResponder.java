package dev.millrace.server.bench;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.ContextInternal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The yardstick: the same Vert.x, the same event loops, the same timer, a fixed answer of the same size, and
/// nothing else. Arguments: port, milliseconds, file with the answer's body.
public final class BareResponder extends VerticleBase {
    private final int port;
    private final long delayMillis;
    private final Buffer answer;

    private BareResponder(int port, long delayMillis, Buffer answer) {
        this.port = port;
        this.delayMillis = delayMillis;
        this.answer = answer;
    }

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        long delayMillis = Long.parseLong(arguments[1]);
        byte[] answer = Files.readAllBytes(Path.of(arguments[2]));
        int loops = Runtime.getRuntime().availableProcessors();
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(true));
        vertx.deployVerticle(
                        () -> new BareResponder(port, delayMillis, Buffer.buffer(answer)),
                        new DeploymentOptions().setInstances(loops))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    @Override
    public Future<?> start() {
        var timers = ((ContextInternal) context).nettyEventLoop();
        var options = new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setTcpNoDelay(true)
                .setAcceptBacklog(4096)
                .setHttp2ClearTextEnabled(false);
        return vertx.createHttpServer(options)
                .requestHandler(request -> request.body().onSuccess(body -> {
                    var _ = timers.schedule(
                            () -> request.response()
                                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                                    .end(answer),
                            delayMillis,
                            TimeUnit.MILLISECONDS);
                }))
                .listen();
    }
}
