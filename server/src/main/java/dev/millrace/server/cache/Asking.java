package dev.millrace.server.cache;

import dev.millrace.protocol.openai.Draw;
import dev.millrace.server.generate.CallHead;
import io.vertx.core.http.HttpServerRequest;

/// A request that was read and found sound. *Nobody may change the body.*
///
/// @param name of the model, as the request says it
/// @param draw what it says of chance
@SuppressWarnings("ArrayRecordComponent") // nobody compares requests
public record Asking(HttpServerRequest request, CallHead head, String name, byte[] body, Draw draw) {}
