package dev.millrace.server.wire;

import dev.millrace.core.error.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Follows HTTP/1.1 requests byte by byte and objects to everything that two parsers could read differently: bare
/// line ends, folded lines, blanks before a colon, more than one length or host, chunk extensions, trailers,
/// control bytes.
///
/// The decoder behind it is lenient in places where a proxy in front may be strict, or the other way round; what
/// gets past this scanner has one meaning only. It keeps no bytes. *Confined to its event loop.*
final class FramingScanner implements ByteProcessor {
    static final int MAX_LINE_BYTES = 8 * 1024;
    static final int MAX_HEADER_BYTES = 16 * 1024;
    static final int MAX_HEADERS = 100;

    /// More small chunks than this, and the body is an attack on the decoder rather than a body.
    static final int MAX_SMALL_CHUNKS = 4 * 1024;

    private static final int SMALL_CHUNK_BYTES = 64;
    private static final int MAX_LENGTH_DIGITS = 18;
    private static final int MAX_CHUNK_SIZE_DIGITS = 7;
    private static final byte[] CONTENT_LENGTH = "content-length".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRANSFER_ENCODING = "transfer-encoding".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HOST = "host".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);
    private static final long VERSION_1_1 = 0x485454502f312e31L;
    private static final long VERSION_1_0 = 0x485454502f312e30L;
    private static final boolean[] TOKEN = tokenBytes();

    private enum State {
        START,
        EMPTY_LINE_LF,
        REQUEST_LINE,
        REQUEST_LINE_LF,
        HEADER_START,
        NAME,
        VALUE,
        VALUE_LF,
        HEAD_LF,
        CHUNK_SIZE,
        CHUNK_SIZE_LF,
        CHUNK_CR,
        CHUNK_LF,
        LAST_CHUNK_CR,
        LAST_CHUNK_LF
    }

    private enum Field {
        OTHER,
        LENGTH,
        ENCODING
    }

    private State state = State.START;
    private @Nullable ErrorCode violation;
    private long position;
    private long headStart;
    private long requests;
    private int lineBytes;
    private int headerBytes;
    private int headers;
    private long lastEight;
    private int nameBytes;
    private boolean maybeLength;
    private boolean maybeEncoding;
    private boolean maybeHost;
    private int hosts;
    private Field field = Field.OTHER;
    private boolean valueStarted;
    private boolean valueEnded;
    private int valueBytes;
    private long length;
    private int lengths;
    private int encodings;
    private long dataLeft;
    private int sizeDigits;
    private int chunks;
    private long chunkBytes;

    /// Reads what is readable in `bytes` without consuming it.
    ///
    /// @return how many of the bytes belong to requests without objection: all of them, or those before the request
    ///     that has one
    int scan(ByteBuf bytes) {
        long before = position;
        int index = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (index < end && violation == null) {
            if (dataLeft > 0) {
                int skipped = (int) Math.min(dataLeft, end - index);
                index += skipped;
                position += skipped;
                dataLeft -= skipped;
            } else {
                int stop = bytes.forEachByte(index, end - index, this);
                index = stop < 0 ? end : stop + 1;
            }
        }
        return violation == null
                ? bytes.readableBytes()
                : (int) Math.max(0, Math.min(headStart - before, bytes.readableBytes()));
    }

    /// What is wrong; `null` if nothing is. Final.
    @Nullable
    ErrorCode violation() {
        return violation;
    }

    /// Heads read to their end.
    long requests() {
        return requests;
    }

    /// True in the middle of a head.
    boolean isInHead() {
        return switch (state) {
            case EMPTY_LINE_LF, REQUEST_LINE, REQUEST_LINE_LF, HEADER_START, NAME, VALUE, VALUE_LF, HEAD_LF -> true;
            case START, CHUNK_SIZE, CHUNK_SIZE_LF, CHUNK_CR, CHUNK_LF, LAST_CHUNK_CR, LAST_CHUNK_LF -> false;
        };
    }

    /// True between requests.
    boolean isBetweenRequests() {
        return state == State.START && dataLeft == 0;
    }

    /// One byte outside of body data; false stops the scan, at body data or at an objection.
    @Override
    public boolean process(byte value) {
        position++;
        switch (state) {
            case START -> start(value);
            case EMPTY_LINE_LF -> expect(value, '\n', State.START);
            case REQUEST_LINE -> requestLine(value);
            case REQUEST_LINE_LF -> endRequestLine(value);
            case HEADER_START -> headerStart(value);
            case NAME -> name(value);
            case VALUE -> value(value);
            case VALUE_LF -> endValue(value);
            case HEAD_LF -> endHead(value);
            case CHUNK_SIZE -> chunkSize(value);
            case CHUNK_SIZE_LF -> endChunkSize(value);
            case CHUNK_CR -> expect(value, '\r', State.CHUNK_LF);
            case CHUNK_LF -> endChunk(value);
            case LAST_CHUNK_CR -> expect(value, '\r', State.LAST_CHUNK_LF);
            case LAST_CHUNK_LF -> expect(value, '\n', State.START);
        }
        return violation == null && dataLeft == 0;
    }

    private void object(ErrorCode code) {
        violation = code;
    }

    private void expect(byte value, char expected, State following) {
        if (value == expected) {
            state = following;
        } else {
            object(ErrorCode.MALFORMED_HTTP);
        }
    }

    private void start(byte value) {
        headStart = position - 1;
        if (value == '\r') {
            state = State.EMPTY_LINE_LF; // one that ends the last request for a careless client; harmless
            return;
        }
        if (value < 0 || !TOKEN[value]) {
            object(ErrorCode.MALFORMED_HTTP);
            return;
        }
        lineBytes = 0;
        headerBytes = 0;
        headers = 0;
        lengths = 0;
        encodings = 0;
        hosts = 0;
        length = 0;
        state = State.REQUEST_LINE;
        requestLine(value);
    }

    private void requestLine(byte value) {
        if (value == '\r') {
            state = State.REQUEST_LINE_LF;
        } else if (value < ' ' || value == 0x7f) { // bytes above 0x7f are negative
            object(ErrorCode.MALFORMED_HTTP);
        } else if (++lineBytes > MAX_LINE_BYTES) {
            object(ErrorCode.URI_TOO_LONG);
        } else {
            lastEight = lastEight << 8 | value;
        }
    }

    private void endRequestLine(byte value) {
        boolean known = lastEight == VERSION_1_1 || lastEight == VERSION_1_0;
        if (value == '\n' && known && lineBytes > Long.BYTES) {
            state = State.HEADER_START;
        } else {
            object(ErrorCode.MALFORMED_HTTP);
        }
    }

    private void headerStart(byte value) {
        if (value == '\r') {
            state = State.HEAD_LF;
            return;
        }
        if (++headers > MAX_HEADERS) {
            object(ErrorCode.HEADERS_TOO_LARGE);
            return;
        }
        nameBytes = 0;
        maybeLength = true;
        maybeEncoding = true;
        maybeHost = true;
        state = State.NAME;
        name(value);
    }

    private void name(byte value) {
        if (value == ':') {
            endName();
        } else if (value < 0 || !TOKEN[value]) {
            object(ErrorCode.MALFORMED_HTTP); // folded lines begin with a blank, which is no token byte either
        } else {
            int lower = value >= 'A' && value <= 'Z' ? value + ('a' - 'A') : value;
            maybeLength &= nameBytes < CONTENT_LENGTH.length && CONTENT_LENGTH[nameBytes] == lower;
            maybeEncoding &= nameBytes < TRANSFER_ENCODING.length && TRANSFER_ENCODING[nameBytes] == lower;
            maybeHost &= nameBytes < HOST.length && HOST[nameBytes] == lower;
            nameBytes++;
            countHeaderByte();
        }
    }

    private void endName() {
        if (nameBytes == 0) {
            object(ErrorCode.MALFORMED_HTTP);
            return;
        }
        field = Field.OTHER;
        if (maybeLength && nameBytes == CONTENT_LENGTH.length) {
            field = Field.LENGTH;
            lengths++;
        } else if (maybeEncoding && nameBytes == TRANSFER_ENCODING.length) {
            field = Field.ENCODING;
            encodings++;
        } else if (maybeHost && nameBytes == HOST.length) {
            hosts++;
        }
        valueStarted = false;
        valueEnded = false;
        valueBytes = 0;
        state = State.VALUE;
    }

    private void value(byte value) {
        if (value == '\r') {
            state = State.VALUE_LF;
        } else if ((value >= 0 && value < ' ' && value != '\t') || value == 0x7f) {
            object(ErrorCode.MALFORMED_HTTP);
        } else {
            countHeaderByte();
            if (field != Field.OTHER) {
                framingValue(value);
            }
        }
    }

    /// The two values that say where the body ends: exactly one word, blanks around it.
    private void framingValue(byte value) {
        if (value == ' ' || value == '\t') {
            valueEnded |= valueStarted;
            return;
        }
        if (valueEnded) {
            object(ErrorCode.MALFORMED_HTTP);
            return;
        }
        valueStarted = true;
        int index = valueBytes++;
        if (field == Field.LENGTH) {
            boolean digit = value >= '0' && value <= '9' && index < MAX_LENGTH_DIGITS;
            length = digit ? length * 10 + (value - '0') : length;
            objectUnless(digit);
        } else {
            int lower = value >= 'A' && value <= 'Z' ? value + ('a' - 'A') : value;
            objectUnless(index < CHUNKED.length && CHUNKED[index] == lower);
        }
    }

    private void objectUnless(boolean fine) {
        if (!fine) {
            object(ErrorCode.MALFORMED_HTTP);
        }
    }

    private void countHeaderByte() {
        if (++headerBytes > MAX_HEADER_BYTES) {
            object(ErrorCode.HEADERS_TOO_LARGE);
        }
    }

    private void endValue(byte value) {
        boolean whole = switch (field) {
            case OTHER -> true;
            case LENGTH -> valueBytes > 0;
            case ENCODING -> valueBytes == CHUNKED.length;
        };
        if (value == '\n' && whole) {
            state = State.HEADER_START;
        } else {
            object(ErrorCode.MALFORMED_HTTP);
        }
    }

    private void endHead(byte value) {
        boolean modern = lastEight == VERSION_1_1;
        boolean clear = lengths + encodings <= 1 && (encodings == 0 || modern) && hosts <= 1 && (hosts == 1 || !modern);
        if (value != '\n' || !clear) {
            object(ErrorCode.MALFORMED_HTTP);
            return;
        }
        requests++;
        if (encodings == 1) {
            chunks = 0;
            chunkBytes = 0;
            startChunk();
        } else {
            dataLeft = length;
            state = State.START;
        }
    }

    private void startChunk() {
        length = 0;
        sizeDigits = 0;
        state = State.CHUNK_SIZE;
    }

    private void chunkSize(byte value) {
        int digit = Character.digit(value, 16);
        if (digit >= 0 && ++sizeDigits <= MAX_CHUNK_SIZE_DIGITS) {
            length = length << 4 | digit;
        } else if (value == '\r' && sizeDigits > 0) {
            state = State.CHUNK_SIZE_LF;
        } else {
            object(ErrorCode.MALFORMED_HTTP); // a chunk extension among others
        }
    }

    private void endChunkSize(byte value) {
        if (value != '\n') {
            object(ErrorCode.MALFORMED_HTTP);
        } else if (length == 0) {
            state = State.LAST_CHUNK_CR; // trailers would begin here
        } else {
            chunks++;
            chunkBytes += length;
            dataLeft = length;
            state = State.CHUNK_CR;
            if (chunks > MAX_SMALL_CHUNKS && chunkBytes < (long) chunks * SMALL_CHUNK_BYTES) {
                object(ErrorCode.BODY_TOO_LARGE);
            }
        }
    }

    private void endChunk(byte value) {
        if (value == '\n') {
            startChunk();
        } else {
            object(ErrorCode.MALFORMED_HTTP);
        }
    }

    private static boolean[] tokenBytes() {
        boolean[] token = new boolean[128];
        for (char c : "!#$%&'*+-.^_`|~0123456789".toCharArray()) {
            token[c] = true;
        }
        for (int c = 'a'; c <= 'z'; c++) {
            token[c] = true;
            token[c - 'a' + 'A'] = true;
        }
        return token;
    }
}
