package dev.millrace.testing.upstream;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The JSON of one answer in the shape that its endpoint has: chat, text completion or embeddings. *Immutable.*
record CompletionTexts(Kind kind, SeenRequest request, String text, String finishReason, String model) {
    private static final int CREATED = 1_700_000_000;
    private static final int DIMENSIONS = 8;

    enum Kind {
        CHAT,
        TEXT,
        EMBEDDINGS
    }

    static CompletionTexts of(SeenRequest request, String text, String finishReason, String model) {
        Kind kind = request.isTo("/embeddings")
                ? Kind.EMBEDDINGS
                : request.isTo("/completions") && !request.isTo("/chat/completions") ? Kind.TEXT : Kind.CHAT;
        return new CompletionTexts(kind, request, text, finishReason, model);
    }

    boolean embeds() {
        return kind == Kind.EMBEDDINGS;
    }

    /// The words of the text, each with the space before it: joined they are the text.
    List<String> words() {
        return text.isEmpty() ? List.of() : List.of(text.split("(?<=\\S)(?=\\s)", -1));
    }

    /// The body of an answer that is no stream.
    String whole() {
        return switch (kind) {
            case CHAT ->
                opening("chat.completion")
                        + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
                        + Json.quote(text) + "},\"logprobs\":null,\"finish_reason\":" + Json.quote(finishReason)
                        + "}],\"usage\":" + usage() + "}";
            case TEXT ->
                opening("text_completion") + "\"choices\":[{\"index\":0,\"text\":" + Json.quote(text)
                        + ",\"logprobs\":null,\"finish_reason\":" + Json.quote(finishReason) + "}],\"usage\":" + usage()
                        + "}";
            case EMBEDDINGS -> embeddings();
        };
    }

    /// The event that opens a chat; a text completion has none.
    List<String> roleEvent() {
        return kind == Kind.CHAT
                ? List.of(choice("{\"role\":\"assistant\",\"content\":\"\"}", "null", usageField()))
                : List.of();
    }

    String wordEvent(String word) {
        String delta = kind == Kind.CHAT ? "{\"content\":" + Json.quote(word) + "}" : Json.quote(word);
        return choice(delta, "null", usageField());
    }

    String finishEvent() {
        return choice(kind == Kind.CHAT ? "{}" : "\"\"", Json.quote(finishReason), usageField());
    }

    /// The event that is sent only when asked for.
    String usageEvent() {
        return opening(streamObject()) + "\"choices\":[],\"usage\":" + usage() + "}";
    }

    private String choice(String delta, String finish, String usageField) {
        return opening(streamObject()) + "\"choices\":[{\"index\":0,\"" + (kind == Kind.CHAT ? "delta" : "text") + "\":"
                + delta + ",\"logprobs\":null,\"finish_reason\":" + finish + "}]" + usageField + "}";
    }

    private String usageField() {
        return request.includeUsage() ? ",\"usage\":null" : "";
    }

    private String streamObject() {
        return kind == Kind.CHAT ? "chat.completion.chunk" : "text_completion";
    }

    private String opening(String object) {
        String prefix = kind == Kind.CHAT ? "chatcmpl-" : "cmpl-";
        return "{\"id\":\"" + prefix + request.index() + "\",\"object\":\"" + object + "\",\"created\":" + CREATED
                + ",\"model\":" + Json.quote(model) + ",";
    }

    private String usage() {
        int prompt = request.asked().promptWords();
        int completion = words().size();
        return "{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + completion + ",\"total_tokens\":"
                + (prompt + completion) + "}";
    }

    private String embeddings() {
        List<String> inputs = request.asked().inputs();
        String vectors = IntStream.range(0, inputs.size())
                .mapToObj(i ->
                        "{\"object\":\"embedding\",\"index\":" + i + ",\"embedding\":" + vector(inputs.get(i)) + "}")
                .collect(Collectors.joining(","));
        int prompt = request.asked().promptWords();
        return "{\"object\":\"list\",\"data\":[" + vectors + "],\"model\":" + Json.quote(model)
                + ",\"usage\":{\"prompt_tokens\":" + prompt + ",\"total_tokens\":" + prompt + "}}";
    }

    /// Eight numbers that depend on nothing but the input.
    private String vector(String input) {
        SplittableRandom random = new SplittableRandom(input.hashCode());
        ByteBuffer numbers = ByteBuffer.allocate(DIMENSIONS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < DIMENSIONS; i++) {
            // Sixteenths are exact in both forms.
            float number = random.nextInt(-16, 17) / 16f;
            numbers.putFloat(number);
            list.append(i == 0 ? "[" : ",").append(number);
        }
        return request.asked().base64()
                ? "\"" + Base64.getEncoder().encodeToString(numbers.array()) + "\""
                : list.append(']').toString();
    }
}
