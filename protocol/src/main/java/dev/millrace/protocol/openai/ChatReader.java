package dev.millrace.protocol.openai;

import dev.millrace.protocol.openai.ChatRequest.Message;
import dev.millrace.protocol.openai.ChatRequest.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `/v1/chat/completions`. *Confined to one thread.*
final class ChatReader {
    private final JsonCursor json;
    private final FieldReader common;
    private @Nullable List<Message> messages;
    private Map<String, Object> templateArguments = Map.of();
    private boolean logprobs;
    private int topLogprobs;

    private ChatReader(JsonCursor json) {
        this.json = json;
        this.common = new FieldReader(json);
    }

    static ChatRequest read(JsonCursor json) throws IOException, RefusedException {
        var reader = new ChatReader(json);
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            reader.field(name);
        }
        return reader.request();
    }

    private void field(String name) throws IOException, RefusedException {
        if (json.isNull()) {
            return; // null says "not given"
        }
        switch (name) {
            case "messages" -> messages = messages();
            case "chat_template_kwargs" -> templateArguments = json.freeObject(name);
            case "logprobs" -> logprobs = json.bool(name);
            case "top_logprobs" -> topLogprobs = (int) json.whole(name, 0, RequestFields.MAX_TOP_LOGPROBS);
            default -> {
                if (!common.read(name) && !Unsupported.read(json, name)) {
                    json.skip();
                }
            }
        }
    }

    private ChatRequest request() throws RefusedException {
        if (messages == null || messages.isEmpty()) {
            throw RefusedException.invalid("messages", "an array of at least one message");
        }
        if (topLogprobs > 0 && !logprobs) {
            throw RefusedException.invalid("top_logprobs", "logprobs to be true");
        }
        return new ChatRequest(
                common.fields(logprobs ? topLogprobs : RequestFields.NO_LOGPROBS), messages, templateArguments);
    }

    private List<Message> messages() throws IOException, RefusedException {
        if (!json.isArray()) {
            throw RefusedException.invalid("messages", "an array of messages");
        }
        var list = new ArrayList<Message>();
        for (json.next(); !json.isArrayEnd(); json.next()) {
            if (list.size() == ChatRequest.MAX_MESSAGES) {
                throw RefusedException.invalid("messages", "at most " + ChatRequest.MAX_MESSAGES + " messages");
            }
            list.add(message("messages[" + list.size() + "]"));
        }
        return list;
    }

    private Message message(String param) throws IOException, RefusedException {
        if (!json.isObject()) {
            throw RefusedException.invalid(param, "an object");
        }
        Role role = null;
        String content = null;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (json.isNull()) {
                continue;
            }
            switch (name) {
                case "role" -> role = role(param + ".role");
                case "content" -> content = content(param + ".content");
                case "tool_calls" -> onlyEmpty(param + ".tool_calls");
                case "function_call", "audio" -> throw unsupported(param + "." + name);
                default -> json.skip();
            }
        }
        if (role == null) {
            throw RefusedException.invalid(param + ".role", "system, developer, user, assistant or tool");
        }
        if (content == null && role != Role.ASSISTANT) {
            throw RefusedException.invalid(param + ".content", "a string or an array of text parts");
        }
        return new Message(role, content == null ? "" : content);
    }

    private Role role(String param) throws IOException, RefusedException {
        return switch (json.text(param)) {
            case "system" -> Role.SYSTEM;
            case "developer" -> Role.DEVELOPER;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "tool" -> Role.TOOL;
            default -> throw RefusedException.invalid(param, "system, developer, user, assistant or tool");
        };
    }

    private String content(String param) throws IOException, RefusedException {
        if (json.isString()) {
            return json.text(param);
        }
        if (!json.isArray()) {
            throw RefusedException.invalid(param, "a string or an array of text parts");
        }
        var joined = new StringBuilder();
        int index = 0;
        for (json.next(); !json.isArrayEnd(); json.next()) {
            if (index > 0) {
                joined.append('\n');
            }
            joined.append(part(param + "[" + index + "]"));
            index++;
        }
        return joined.toString();
    }

    private String part(String param) throws IOException, RefusedException {
        if (!json.isObject()) {
            throw RefusedException.invalid(param, "an object");
        }
        String type = null;
        String text = null;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            switch (name) {
                case "type" -> type = json.text(param + ".type");
                case "text" -> text = json.text(param + ".text");
                default -> json.skip();
            }
        }
        if (type != null && !type.equals("text")) {
            throw RefusedException.unsupported(param + ".type", "only text parts are supported.");
        }
        if (type == null || text == null) {
            throw RefusedException.invalid(param, "{\"type\":\"text\",\"text\":…}");
        }
        return text;
    }

    private void onlyEmpty(String param) throws IOException, RefusedException {
        if (!json.skipWasEmpty()) {
            throw unsupported(param);
        }
    }

    private static RefusedException unsupported(String param) {
        return RefusedException.unsupported(param, "not supported here.");
    }
}
