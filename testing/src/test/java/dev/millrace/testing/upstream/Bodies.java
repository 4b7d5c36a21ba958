package dev.millrace.testing.upstream;

/// Bodies of chat requests.
final class Bodies {
    private Bodies() {}

    static String whole(String prompt) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
    }

    static String streamed(String prompt) {
        return whole(prompt).replace("\"model\"", "\"stream\":true,\"model\"");
    }
}
