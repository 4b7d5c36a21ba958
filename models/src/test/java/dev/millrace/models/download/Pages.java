package dev.millrace.models.download;

import dev.millrace.models.download.FaultyServer.Page;
import dev.millrace.models.download.FaultyServer.Request;
import dev.millrace.models.download.FaultyServer.Wire;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/// Answers for [FaultyServer].
final class Pages {
    static final String TAG = "\"one\"";
    private static final int SLICE = 16 * 1024;

    private Pages() {}

    static byte[] content(int size, long seed) {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return content;
    }

    /// A file as any good server gives it out.
    static Page file(byte[] content) {
        return (request, wire) -> {
            long[] range = rangeHead(content, TAG, request, wire);
            wire.body(content, (int) range[0], (int) (range[1] - range[0] + 1));
        };
    }

    /// Writes the head of a good answer; returns first and last byte of its body.
    static long[] rangeHead(byte[] content, String tag, Request request, Wire wire) throws IOException {
        long[] range = request.range();
        String condition = request.field("if-range");
        if (range == null || (!condition.isEmpty() && !condition.equals(tag))) {
            wire.head(200, "Content-Length: " + content.length, "ETag: " + tag, "Accept-Ranges: bytes");
            return new long[] {0, content.length - 1};
        }
        long last = Math.min(range[1], content.length - 1);
        wire.head(
                206,
                "Content-Length: " + (last - range[0] + 1),
                "Content-Range: bytes " + range[0] + "-" + last + "/" + content.length,
                "ETag: " + tag);
        return new long[] {range[0], last};
    }

    /// The same, not faster than this for each connection.
    static Page throttled(byte[] content, int bytesPerMilli) {
        return (request, wire) -> {
            long[] range = rangeHead(content, TAG, request, wire);
            for (long at = range[0]; at <= range[1]; at += SLICE) {
                int count = (int) Math.min(SLICE, range[1] - at + 1);
                wire.body(content, (int) at, count);
                wire.idle(Math.max(1, count / bytesPerMilli));
            }
        };
    }

    /// A file without ranges, whatever is asked.
    static Page withoutRanges(byte[] content) {
        return (request, wire) -> {
            wire.head(200, "Content-Length: " + content.length, "ETag: " + TAG);
            wire.body(content);
        };
    }

    /// Cuts the connection after some bytes of a body.
    static Page cutting(byte[] content, int afterBytes, IntPredicate whichRequest) {
        AtomicInteger count = new AtomicInteger();
        return (request, wire) -> {
            long[] range = rangeHead(content, TAG, request, wire);
            int all = (int) (range[1] - range[0] + 1);
            boolean cut = all > 1 && whichRequest.test(count.getAndIncrement());
            wire.body(content, (int) range[0], cut ? Math.min(all, afterBytes) : all);
        };
    }

    /// Answers a status without a body.
    static Page status(int status, String... fields) {
        return (request, wire) -> {
            String[] all = java.util.Arrays.copyOf(fields, fields.length + 1);
            all[fields.length] = "Content-Length: 0";
            wire.head(status, all);
        };
    }

    /// Redirects.
    static Page redirect(String to) {
        return status(302, "Location: " + to);
    }

    /// Answers `first` so many times, then `then`.
    static Page first(int times, Page first, Page then) {
        AtomicInteger count = new AtomicInteger();
        return (request, wire) -> (count.getAndIncrement() < times ? first : then).answer(request, wire);
    }

    /// A JSON text, in chunks.
    static Page chunkedJson(String text, String... fields) {
        return (request, wire) -> {
            String[] all = java.util.Arrays.copyOf(fields, fields.length + 1);
            all[fields.length] = "Transfer-Encoding: chunked";
            wire.head(200, all);
            int half = text.length() / 2;
            for (String part : new String[] {text.substring(0, half), text.substring(half)}) {
                wire.raw(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
            }
            wire.raw("0\r\n\r\n");
        };
    }
}
