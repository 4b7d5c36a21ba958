package dev.millrace.server.reply;

import dev.millrace.core.id.RequestId;
import dev.millrace.protocol.openai.ApiError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/// An error reply as bytes, for connections that never got as far as a request.
public final class RawReply {
    private RawReply() {}

    /// The whole response; it says that the connection closes.
    public static ByteBuf of(ApiError error, RequestId id) {
        byte[] body = error.toBytes();
        HttpResponseStatus status = HttpResponseStatus.valueOf(Status.of(error.code()));
        String head = "HTTP/1.1 " + status.code() + ' ' + status.reasonPhrase()
                + "\r\ncontent-type: application/json\r\nx-request-id: " + id
                + "\r\nx-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: " + body.length
                + "\r\n\r\n";
        return Unpooled.wrappedBuffer(head.getBytes(StandardCharsets.US_ASCII), body);
    }
}
