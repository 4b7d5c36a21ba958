package dev.millrace.models.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Fetches a file from a source that has no ranges: from the beginning, in one piece, and after a failure from the
/// beginning
/// again. *Confined to one thread.*
final class WholeFile {
    private static final int BUFFER = 128 * 1024;

    private final FileTransfer.Tools tools;
    private final SourceFile source;
    private final Disk.OpenFile file;
    private final long sizeBytes;
    private final byte[] buffer = new byte[BUFFER];
    private long position;

    /// @param sizeBytes -1 if nobody knows
    WholeFile(FileTransfer.Tools tools, SourceFile source, Disk.OpenFile file, long sizeBytes) {
        this.tools = tools;
        this.source = source;
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    /// Returns the size when all of the file is on the disk.
    ///
    /// @param first an answer that came already
    long fetch(@Nullable Reply first, StopSignal stop) throws PullException {
        Reply next = first;
        for (int failures = 1; ; failures++) {
            try (Reply reply = next != null ? next : again(stop)) {
                copy(reply, stop);
                file.force();
                return position;
            } catch (Trouble trouble) {
                tools.retrying().pause(trouble, failures, stop);
                next = null;
                startAgain();
            } catch (IOException e) {
                throw tools.diskFault(e);
            }
        }
    }

    private Reply again(StopSignal stop) throws PullException, Trouble {
        Reply reply = tools.get().get(source.address(), Map.of(), stop);
        if (reply.head().status() != 200) {
            reply.close();
            throw new PullException(
                    PullError.UPSTREAM_ERROR,
                    reply.host() + " answers " + reply.head().status() + ": given up");
        }
        return reply;
    }

    private void startAgain() throws PullException {
        try {
            file.truncate(0);
        } catch (IOException e) {
            throw tools.diskFault(e);
        }
        position = 0;
        tools.board().present(0);
    }

    private void copy(Reply reply, StopSignal stop) throws PullException, IOException {
        PaceRule pace = new PaceRule(tools.limits(), tools.now());
        long most = sizeBytes >= 0 ? sizeBytes : tools.maxBytes();
        while (true) {
            stop.check();
            int count = readSome(reply, stop);
            if (count < 0) {
                break;
            }
            if (position + count > most) {
                throw new PullException(
                        PullError.TOO_LARGE,
                        sizeBytes >= 0
                                ? reply.host() + " sends more than the " + sizeBytes + " bytes it announced"
                                : reply.host() + " sends more than the " + Amounts.words(most)
                                        + " that are allowed (--max-size)");
            }
            file.write(position, ByteBuffer.wrap(buffer, 0, count));
            position += count;
            tools.board().received(count);
            if (pace.isTooSlow(count, tools.now())) {
                throw new Trouble(Trouble.Kind.STALL, reply.host() + " sends next to nothing");
            }
        }
        if (sizeBytes >= 0 && position < sizeBytes) {
            throw new Trouble(Trouble.Kind.CONNECTION, reply.host() + " ended the transfer early");
        }
    }

    private int readSome(Reply reply, StopSignal stop) throws PullException, Trouble {
        try {
            return reply.read(buffer, BUFFER);
        } catch (Trouble e) {
            stop.check();
            throw e;
        }
    }
}
