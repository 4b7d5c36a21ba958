package dev.millrace.cli.client;

import com.fasterxml.jackson.databind.JsonNode;

/// The server answered, and its answer was an error.
public final class ServerRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /// @param status the HTTP status; 0 for an error inside a stream
    /// @param code the server's name for it, for example `model_not_found`; empty if it gave none
    ServerRefusedException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    static ServerRefusedException of(int status, JsonNode body) {
        JsonNode error = body.path("error");
        String message =
                error.isTextual() ? error.asText() : error.path("message").asText("no reason given");
        return new ServerRefusedException(status, error.path("code").asText(""), message);
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }
}
