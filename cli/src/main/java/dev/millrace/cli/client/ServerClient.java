package dev.millrace.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Talks to one server. *Thread-safe.*
public final class ServerClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration SHORT_ANSWER = Duration.ofSeconds(5);
    private static final int MAX_ERROR_BYTES = 64 << 10;

    private final URI base;
    private final HttpClient http;

    /// @param base for example `http://127.0.0.1:8000`
    public ServerClient(URI base) {
        this.base = base;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .build();
    }

    public URI base() {
        return base;
    }

    /// What answers at the address; returns within a few seconds whatever is there.
    public ServerState state() throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(request("/health/ready"), BodyHandlers.ofString());
            String body = response.body();
            if (response.statusCode() == 200 && looksLikeHealth(body)) {
                return new ServerState.Ready();
            }
            return response.statusCode() == 503
                    ? new ServerState.NotReady(503, body)
                    : new ServerState.Stranger("it answers " + response.statusCode() + " to /health/ready");
        } catch (IOException e) {
            return new ServerState.Silent(reason(e));
        }
    }

    private static boolean looksLikeHealth(String body) {
        try {
            return JSON.readTree(body).path("status").isTextual();
        } catch (IOException e) {
            return false;
        }
    }

    /// Names of the models there, the default one first.
    public List<String> models() throws IOException, InterruptedException, ServerRefusedException {
        HttpResponse<InputStream> response = http.send(request("/v1/models"), BodyHandlers.ofInputStream());
        List<String> names = new ArrayList<>();
        try (InputStream body = okBody(response)) {
            for (JsonNode model : JSON.readTree(body).path("data")) {
                names.add(model.path("id").asText());
            }
        }
        return names;
    }

    /// All models there, in memory or not.
    public List<ModelView> modelViews() throws IOException, InterruptedException, ServerRefusedException {
        List<ModelView> views = new ArrayList<>();
        for (JsonNode model : json(request("/models")).path("data")) {
            views.add(new ModelView(model.path("id").asText(), model.path("status")));
        }
        return views;
    }

    /// One model by its name or alias; the view has its name.
    public ModelView modelView(String name) throws IOException, InterruptedException, ServerRefusedException {
        JsonNode model = json(request("/v1/models/" + URLEncoder.encode(name, StandardCharsets.UTF_8)));
        return new ModelView(model.path("id").asText(), model.path("status"));
    }

    /// Asks the server to load a model; returns at once.
    ///
    /// @param keepAlive how long it stays unused, as the server reads it; `null` for the server's setting
    /// @param pin keeps it until it is unloaded
    public void load(String name, @Nullable String keepAlive, boolean pin)
            throws IOException, InterruptedException, ServerRefusedException {
        ObjectNode body = JSON.createObjectNode().put("model", name);
        if (keepAlive != null) {
            body.put("keep_alive", keepAlive);
        }
        if (pin) {
            body.put("pin", true);
        }
        command("/models/load", body);
    }

    /// Asks the server to take a model out of memory; returns at once.
    public void unload(String name) throws IOException, InterruptedException, ServerRefusedException {
        command("/models/unload", JSON.createObjectNode().put("model", name));
    }

    private void command(String path, ObjectNode body)
            throws IOException, InterruptedException, ServerRefusedException {
        json(HttpRequest.newBuilder(base.resolve(path))
                .timeout(SHORT_ANSWER)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build());
    }

    /// Begins to watch the models: the state of each, then what changes.
    public ModelWatch watchModels() throws IOException, InterruptedException, ServerRefusedException {
        // No timeout on the request: some day that could end a stream that has begun.
        CompletableFuture<HttpResponse<InputStream>> response = http.sendAsync(
                HttpRequest.newBuilder(base.resolve("/models/sse")).build(), BodyHandlers.ofInputStream());
        try {
            return new ModelWatch(okBody(response.get(SHORT_ANSWER.toSeconds(), TimeUnit.SECONDS)));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(reason(cause), cause);
        } catch (TimeoutException e) {
            response.cancel(true);
            throw new IOException("no answer within " + SHORT_ANSWER.toSeconds() + " s", e);
        }
    }

    private JsonNode json(HttpRequest request) throws IOException, InterruptedException, ServerRefusedException {
        HttpResponse<InputStream> response;
        try {
            response = http.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new IOException(reason(e), e);
        }
        try (InputStream body = okBody(response)) {
            return JSON.readTree(body);
        }
    }

    /// Sends a question.
    public PendingAnswer ask(Question question) {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(json(question)))
                .build();
        CompletableFuture<HttpResponse<InputStream>> response = http.sendAsync(request, BodyHandlers.ofInputStream());
        return new PendingAnswer(response);
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(base.resolve(path)).timeout(SHORT_ANSWER).build();
    }

    private static String json(Question question) {
        ObjectNode body = JSON.createObjectNode();
        body.put("model", question.model()).put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        ArrayNode messages = body.putArray("messages");
        for (Message message : question.messages()) {
            messages.addObject().put("role", message.role()).put("content", message.content());
        }
        Question.Options options = question.options();
        if (options.maxTokens() != null) {
            body.put("max_tokens", options.maxTokens());
        }
        if (options.temperature() != null) {
            body.put("temperature", options.temperature());
        }
        if (options.seed() != null) {
            body.put("seed", options.seed());
        }
        return body.toString();
    }

    /// The body of a response that went well.
    static InputStream okBody(HttpResponse<InputStream> response) throws IOException, ServerRefusedException {
        if (response.statusCode() / 100 == 2) {
            return response.body();
        }
        byte[] bytes;
        try (InputStream body = response.body()) {
            bytes = body.readNBytes(MAX_ERROR_BYTES);
        }
        try {
            throw ServerRefusedException.of(response.statusCode(), JSON.readTree(bytes));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new ServerRefusedException(
                    response.statusCode(), "", "the server answered " + response.statusCode() + " without a reason");
        }
    }

    /// Why a connection failed, in words.
    static String reason(Throwable e) {
        return switch (e) {
            case java.net.http.HttpConnectTimeoutException _ -> "no connection within " + CONNECT.toSeconds() + " s";
            case java.net.http.HttpTimeoutException _ -> "no answer within " + SHORT_ANSWER.toSeconds() + " s";
            case java.net.ConnectException _ -> "nobody listens there";
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
