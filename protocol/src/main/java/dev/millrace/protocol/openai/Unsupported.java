package dev.millrace.protocol.openai;

import java.io.IOException;

/// The fields that are known, would change what an answer means, and are not supported: refused unless their value
/// asks for nothing. Silence would be a wrong answer.
final class Unsupported {
    private Unsupported() {}

    /// Reads the value of `name` if the field is one of these.
    ///
    /// @return false if it is not; nothing was read then
    static boolean read(JsonCursor json, String name) throws IOException, RefusedException {
        switch (name) {
            case "n", "best_of" -> onlyOne(json, name);
            case "tools", "functions" -> onlyEmpty(json, name);
            case "tool_choice", "function_call" -> onlyNoTool(json, name);
            case "response_format" -> onlyText(json);
            case "modalities" -> onlyTextModality(json);
            case "store" -> onlyFalse(json, name, "answers are not stored here.");
            case "echo" -> onlyFalse(json, name, "the prompt cannot be echoed.");
            case "suffix" -> onlyEmptyString(json, name);
            case "reasoning_effort" -> json.text(name); // a hint about cost; no model here reasons, nothing is lost
            case "audio", "prediction", "web_search_options" -> throw refuse(name);
            // Constraints on the answer's form, as llama-server and vLLM spell them.
            case "grammar",
                    "json_schema",
                    "structured_outputs",
                    "guided_json",
                    "guided_regex",
                    "guided_choice",
                    "guided_grammar" -> throw refuse(name);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static RefusedException refuse(String name) {
        return RefusedException.unsupported(name, "not supported here.");
    }

    private static void onlyOne(JsonCursor json, String name) throws IOException, RefusedException {
        if (json.whole(name, 1, Integer.MAX_VALUE) != 1) {
            throw RefusedException.unsupported(name, "only 1 is supported.");
        }
    }

    private static void onlyEmpty(JsonCursor json, String name) throws IOException, RefusedException {
        if (!json.isArray()) {
            throw RefusedException.invalid(name, "an array");
        }
        if (!json.skipWasEmpty()) {
            throw RefusedException.unsupported(name, "calling tools is not supported here.");
        }
    }

    private static void onlyNoTool(JsonCursor json, String name) throws IOException, RefusedException {
        if (json.isString()) {
            String choice = json.text(name);
            if (choice.equals("none") || choice.equals("auto")) {
                return;
            }
        }
        throw RefusedException.unsupported(name, "only \"none\" and \"auto\" are supported.");
    }

    private static void onlyText(JsonCursor json) throws IOException, RefusedException {
        String param = "response_format";
        if (!json.isObject()) {
            throw RefusedException.invalid(param, "an object");
        }
        boolean text = false;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (name.equals("type")) {
                text = json.text("response_format.type").equals("text");
            } else {
                json.skip();
            }
        }
        if (!text) {
            throw RefusedException.unsupported(param, "only {\"type\":\"text\"} is supported.");
        }
    }

    private static void onlyTextModality(JsonCursor json) throws IOException, RefusedException {
        String param = "modalities";
        if (!json.isArray()) {
            throw RefusedException.invalid(param, "an array of strings");
        }
        for (json.next(); !json.isArrayEnd(); json.next()) {
            if (!json.text(param).equals("text")) {
                throw RefusedException.unsupported(param, "only [\"text\"] is supported.");
            }
        }
    }

    private static void onlyFalse(JsonCursor json, String name, String why) throws RefusedException {
        if (json.bool(name)) {
            throw RefusedException.unsupported(name, why);
        }
    }

    private static void onlyEmptyString(JsonCursor json, String name) throws IOException, RefusedException {
        if (!json.text(name).isEmpty()) {
            throw refuse(name);
        }
    }
}
