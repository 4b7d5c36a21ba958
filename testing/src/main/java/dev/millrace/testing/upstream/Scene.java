package dev.millrace.testing.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What an upstream does with one request: an answer, an error, or a failure of the connection. The steps are made
/// before the first is taken, and depend on nothing but the request. *Immutable.*
///
/// ```java
/// upstream.script(request -> switch (request.index()) {
///     case 0 -> Scene.resetBeforeHeaders();
///     case 1 -> Scene.status(429, "{}", "Retry-After: 1");
///     default -> Scene.echo().pace(Duration.ofMillis(2)).cutAfterEvents(3);
/// });
/// ```
public sealed interface Scene permits Answer, Reply, Scene.Raw, Scene.Delayed {
    /// What to do, in order. The connection is kept for another request if no [Step.End] is among the steps.
    List<Step> steps(SeenRequest request);

    /// The same behind a wait, before the first byte.
    default Scene after(Duration wait) {
        return new Delayed(wait, this);
    }

    /// Answers with this text, whole or as a stream as the request asks.
    static Answer answer(String text) {
        return Answer.of(request -> text);
    }

    /// Answers with the request's last user message, prompt or input: an answer that went astray is recognised.
    static Answer echo() {
        return Answer.of(SeenRequest::prompt);
    }

    /// Answers with a status and a JSON body.
    ///
    /// @param headers whole lines: `"Retry-After: 1"`
    static Reply status(int status, String body, String... headers) {
        return new Reply(status, Reply.JSON, body, Transport.PLAIN.withLines(headers), null);
    }

    /// An error in OpenAI's shape.
    static Reply error(int status, String type, String code, String message, String... headers) {
        return status(status, ErrorTexts.openAi(type, code, message), headers);
    }

    /// What llama-server says while it loads: a numeric code.
    static Reply llamaServerLoading() {
        return status(503, ErrorTexts.LLAMA_SERVER_LOADING);
    }

    /// What Ollama says of a model that it does not have.
    static Reply ollamaNotFound(String model) {
        return status(404, ErrorTexts.ollamaNotFound(model));
    }

    /// What vLLM says of a model that it does not serve.
    static Reply vllmNotFound(String model) {
        return status(404, ErrorTexts.vllmNotFound(model));
    }

    /// A success without a body.
    static Reply emptyBody() {
        return status(200, "");
    }

    /// A success of something that is no model server: a captive portal, a proxy's page.
    static Reply html() {
        return new Reply(200, "text/html; charset=utf-8", "<!doctype html><title>Welcome</title><p>Hello</p>\n");
    }

    /// Reads the request, then resets the connection.
    static Scene resetBeforeHeaders() {
        return raw(Step.End.RESET);
    }

    /// Reads the request, then closes the connection in order.
    static Scene closeBeforeHeaders() {
        return raw(Step.End.FIN);
    }

    /// Reads the request and never answers.
    static Scene hang() {
        return raw(Step.End.STALL);
    }

    /// Exactly these steps.
    static Scene raw(Step... steps) {
        return new Raw(List.of(steps));
    }

    /// Steps that depend on no request.
    record Raw(List<Step> steps) implements Scene {
        @Override
        public List<Step> steps(SeenRequest request) {
            return steps;
        }
    }

    /// A scene behind a wait.
    record Delayed(Duration time, Scene scene) implements Scene {
        /// Checks that both are there.
        public Delayed {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(scene, "scene");
        }

        @Override
        public List<Step> steps(SeenRequest request) {
            List<Step> steps = new ArrayList<>();
            steps.add(Step.pause(time));
            steps.addAll(scene.steps(request));
            return steps;
        }
    }
}
