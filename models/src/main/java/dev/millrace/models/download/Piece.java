package dev.millrace.models.download;

import dev.millrace.models.download.PartJournal.Subject;
import dev.millrace.models.download.Ranges.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/// Fetches one range of a file, however many requests that takes. *Confined to one thread.*
final class Piece {
    private static final int BUFFER = 128 * 1024;

    private final FileTransfer.Tools tools;
    private final SourceFile source;
    private final Subject subject;
    private final Disk.OpenFile file;
    private final PartJournal journal;
    private final Range range;
    private final byte[] buffer = new byte[BUFFER];
    private long position;
    private long recorded;
    private long recordedNanos;

    Piece(
            FileTransfer.Tools tools,
            SourceFile source,
            Subject subject,
            Disk.OpenFile file,
            PartJournal journal,
            Range range) {
        this.tools = tools;
        this.source = source;
        this.subject = subject;
        this.file = file;
        this.journal = journal;
        this.range = range;
        this.position = range.from();
        this.recorded = range.from();
        this.recordedNanos = tools.now();
    }

    /// Returns when all of the range is on the disk and recorded.
    void fetch(StopSignal stop) throws PullException {
        boolean complete = false;
        try {
            int failures = 0;
            long mark = position;
            while (position < range.to()) {
                try {
                    request(stop);
                } catch (Trouble trouble) {
                    boolean progressed =
                            position - mark >= tools.limits().progress().bytes();
                    failures = progressed ? 1 : failures + 1;
                    mark = progressed ? position : mark;
                    tools.retrying().pause(trouble, failures, stop);
                }
            }
            checkpoint();
            complete = true;
        } finally {
            if (!complete) {
                keepWhatIsThere();
            }
        }
    }

    private void request(StopSignal stop) throws PullException, Trouble {
        Map<String, String> fields = new HashMap<>();
        fields.put("Range", "bytes=" + position + "-" + (range.to() - 1));
        if (!subject.tag().isEmpty()) {
            fields.put("If-Range", subject.tag());
        }
        try (Reply reply = tools.get().get(source.address(), fields, stop)) {
            check(reply);
            copy(reply, stop);
        }
    }

    private void check(Reply reply) throws PullException {
        Head head = reply.head();
        boolean otherTag = !subject.tag().isEmpty()
                && !head.strongTag().isEmpty()
                && !head.strongTag().equals(subject.tag());
        // 200 means that If-Range did not hold; 412 and 416 that the range is no longer in the file.
        if (head.status() != 206 || otherTag) {
            throw new SourceChangedException(reply.host());
        }
        Head.ContentRange sent = head.contentRange()
                .orElseThrow(() -> new PullException(
                        PullError.UPSTREAM_ERROR, reply.host() + " does not say which part of the file it sends"));
        if (sent.from() != position || sent.last() >= range.to() || sent.last() < sent.from()) {
            throw new PullException(
                    PullError.UPSTREAM_ERROR, reply.host() + " sends another part of the file than the one asked for");
        }
        if (sent.total() >= 0 && sent.total() != subject.sizeBytes()) {
            throw new SourceChangedException(reply.host());
        }
    }

    private void copy(Reply reply, StopSignal stop) throws PullException, Trouble {
        PaceRule pace = new PaceRule(tools.limits(), tools.now());
        while (position < range.to()) {
            stop.check();
            int count = readSome(reply, stop);
            write(count);
            long now = tools.now();
            if (position - recorded >= tools.limits().checkpoint().bytes()
                    || now - recordedNanos
                            >= tools.limits().checkpointInterval().toNanos()) {
                checkpoint();
            }
            if (pace.isTooSlow(count, now)) {
                throw new Trouble(Trouble.Kind.STALL, reply.host() + " sends next to nothing");
            }
        }
    }

    private int readSome(Reply reply, StopSignal stop) throws PullException, Trouble {
        int count;
        try {
            count = reply.read(buffer, (int) Math.min(BUFFER, range.to() - position));
        } catch (Trouble e) {
            stop.check(); // a socket that was closed to stop us is no trouble
            throw e;
        }
        if (count < 0) {
            throw new Trouble(Trouble.Kind.CONNECTION, reply.host() + " ended the transfer early");
        }
        return count;
    }

    private void write(int count) throws PullException {
        try {
            file.write(position, ByteBuffer.wrap(buffer, 0, count));
        } catch (IOException e) {
            throw tools.diskFault(e);
        }
        position += count;
        tools.board().received(count);
    }

    private void checkpoint() throws PullException {
        if (position == recorded) {
            return;
        }
        try {
            file.force();
            journal.record(new Range(recorded, position));
        } catch (IOException e) {
            throw tools.diskFault(e);
        }
        recorded = position;
        recordedNanos = tools.now();
    }

    private void keepWhatIsThere() {
        try {
            checkpoint();
        } catch (PullException e) {
            // Something failed before, and that is what is told; these bytes come again.
        }
    }
}
