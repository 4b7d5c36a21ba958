package dev.millrace.testing.upstream;

/// Error bodies as the servers of this field send them, each in its own shape.
final class ErrorTexts {
    static final String LLAMA_SERVER_LOADING =
            "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}";

    private ErrorTexts() {}

    static String openAi(String type, String code, String message) {
        return "{\"error\":{\"message\":" + Json.quote(message) + ",\"type\":" + Json.quote(type)
                + ",\"param\":null,\"code\":" + Json.quote(code) + "}}";
    }

    static String ollamaNotFound(String model) {
        return "{\"error\":" + Json.quote("model \"" + model + "\" not found") + "}";
    }

    static String vllmNotFound(String model) {
        return "{\"object\":\"error\",\"message\":" + Json.quote("The model `" + model + "` does not exist.")
                + ",\"type\":\"NotFoundError\",\"param\":null,\"code\":404}";
    }
}
