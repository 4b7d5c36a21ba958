package dev.millrace.server.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Writes requests to one address as bytes. *Confined to its event loop.*
final class RequestEncoder {
    private static final byte[] ID = "x-request-id: ".getBytes(US_ASCII);
    private static final byte[] TRACE = "\r\ntraceparent: ".getBytes(US_ASCII);
    private static final byte[] HOPS = "\r\nx-millrace-hops: ".getBytes(US_ASCII);
    private static final byte[] TIMEOUT = "\r\nx-millrace-timeout-ms: ".getBytes(US_ASCII);
    private static final byte[] LENGTH = "\r\ncontent-type: application/json\r\ncontent-length: ".getBytes(US_ASCII);
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] LINE_END = "\r\n".getBytes(US_ASCII);
    private static final int MAX_NUMBERS_BYTES = 60;
    private static final int FIELDS_BYTES = ID.length
            + TRACE.length
            + HOPS.length
            + TIMEOUT.length
            + LENGTH.length
            + HEAD_END.length
            + MAX_NUMBERS_BYTES;

    private final Address address;
    private final Map<String, byte[]> heads = new HashMap<>(); // by path, of which a gateway has a handful

    RequestEncoder(Address address) {
        this.address = address;
    }

    /// The bytes, to be released by whoever sends them.
    ByteBuf encode(UpstreamRequest request, ByteBufAllocator memory) {
        return switch (request) {
            case UpstreamRequest.Look look -> {
                byte[] head = head("GET ", look.path());
                yield memory.buffer(head.length + LINE_END.length)
                        .writeBytes(head)
                        .writeBytes(LINE_END);
            }
            case UpstreamRequest.Post post -> encode(post, memory);
        };
    }

    private ByteBuf encode(UpstreamRequest.Post post, ByteBufAllocator memory) {
        byte[] head = head("POST ", post.path());
        int variable = post.id().length() + post.trace().length() + post.body().length;
        ByteBuf out = memory.buffer(head.length + FIELDS_BYTES + variable);
        out.writeBytes(head).writeBytes(ID);
        ByteBufUtil.writeAscii(out, post.id());
        if (!post.trace().isEmpty()) {
            out.writeBytes(TRACE);
            ByteBufUtil.writeAscii(out, post.trace());
        }
        number(out.writeBytes(HOPS), post.hops());
        number(out.writeBytes(TIMEOUT), post.timeoutMillis());
        number(out.writeBytes(LENGTH), post.body().length);
        return out.writeBytes(HEAD_END).writeBytes(post.body());
    }

    private static void number(ByteBuf out, long value) {
        ByteBufUtil.writeAscii(out, Long.toString(value));
    }

    /// The part of the head that is the same for all requests to a path.
    private byte[] head(String method, String path) {
        return heads.computeIfAbsent(path, ignored -> {
            String key = address.key();
            String head = method + address.basePath() + path + " HTTP/1.1\r\nhost: " + address.authority()
                    + "\r\nuser-agent: millrace\r\naccept: application/json, text/event-stream\r\n"
                    + (key == null ? "" : "authorization: Bearer " + key + "\r\n");
            return head.getBytes(StandardCharsets.ISO_8859_1);
        });
    }
}
