package dev.millrace.models.download;

import dev.millrace.models.catalogue.StoredFile;
import dev.millrace.models.download.PartJournal.Left;
import dev.millrace.models.download.PartJournal.Subject;
import dev.millrace.models.download.Ranges.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// Brings one file into the partial directory and proves that it is the right one. *Confined to one thread.*
final class FileTransfer {
    /// A source that changes its file more often than this during one pull is given up.
    static final int MAX_STARTS = 3;

    /// What all parts of a transfer share. *Immutable.*
    ///
    /// @param asking for requests on the pulling thread
    record Tools(
            GuardedGet get,
            Retrying asking,
            ProgressBoard board,
            PullSettings settings,
            Surroundings surroundings,
            Path directory) {
        /// For requests on the threads of a crew, which do not talk to the listener.
        Retrying retrying() {
            return new Retrying(limits(), surroundings, board::note);
        }

        PullLimits limits() {
            return settings.limits();
        }

        long maxBytes() {
            return settings.maxSize().bytes();
        }

        long now() {
            return surroundings.clock().nanoTime();
        }

        Disk disk() {
            return surroundings.disk();
        }

        PullException diskFault(IOException e) {
            return DiskFaults.explain(e, disk(), directory);
        }
    }

    /// What the source says about the file.
    ///
    /// @param sizeBytes -1 if it does not say
    /// @param tag empty if it has none that promises equal bytes
    /// @param whole its answer, if that is the file itself because it knows no ranges
    private record Remote(
            long sizeBytes, String tag, @Nullable Reply whole) {}

    private final Tools tools;
    private final SourceFile source;
    private final long laterBytes;
    private final Path data;
    private final Path journal;

    /// @param laterBytes of files of the same model that come after this one
    FileTransfer(Tools tools, SourceFile source, long laterBytes) {
        this.tools = tools;
        this.source = source;
        this.laterBytes = laterBytes;
        this.data = tools.directory().resolve(source.name());
        this.journal = tools.directory().resolve(source.name() + ".journal");
    }

    /// Returns when the file is complete, on the disk and verified.
    StoredFile fetch(StopSignal stop) throws PullException {
        try {
            long size = complete(stop);
            String digest = verify(size, stop);
            tools.board().fileDone(size);
            return new StoredFile(data.toAbsolutePath(), size, digest);
        } catch (IOException e) {
            throw tools.diskFault(e);
        }
    }

    private long complete(StopSignal stop) throws PullException, IOException {
        Left left = leftOver();
        if (left != null
                && left.present().missing(left.subject().sizeBytes()).isEmpty()
                && (source.sizeBytes() < 0
                        || source.sizeBytes() == left.subject().sizeBytes())) {
            expect(left.subject().sizeBytes());
            return left.subject().sizeBytes();
        }
        for (int start = 1; ; start++) {
            try {
                return transfer(start == 1 ? left : null, stop);
            } catch (SourceChangedException e) {
                PartJournal.discard(journal);
                if (start == MAX_STARTS) {
                    throw new PullException(
                            PullError.UPSTREAM_ERROR, e.words() + ", " + start + " times in a row: given up", e);
                }
                tools.board().note(e.words() + ": starting again");
            }
        }
    }

    /// What an earlier pull left of just this file.
    private @Nullable Left leftOver() throws IOException {
        Left left = PartJournal.read(journal).orElse(null);
        if (left == null || !Files.isRegularFile(data)) {
            return null;
        }
        String expected = source.sha256() == null ? "" : source.sha256();
        Subject subject = left.subject();
        boolean same = subject.sha256().equals(expected);
        // The file must reach as far as the journal speaks.
        long reach = subject.sizeBytes();
        for (Range gap : left.present().missing(subject.sizeBytes())) {
            reach = gap.to() == subject.sizeBytes() ? gap.from() : subject.sizeBytes();
        }
        return same && Files.size(data) >= reach ? left : null;
    }

    private long transfer(@Nullable Left left, StopSignal stop) throws PullException, IOException {
        Remote remote = tools.asking().until(stop, () -> probe(stop));
        try (Reply whole = remote.whole) {
            if (remote.sizeBytes >= 0) {
                expect(remote.sizeBytes);
            }
            boolean safeToJoin = !remote.tag.isEmpty() || source.sha256() != null;
            if (whole == null && safeToJoin) {
                return inParts(remote, left, stop);
            }
            return inOne(remote, stop);
        }
    }

    private Remote probe(StopSignal stop) throws PullException, Trouble {
        Reply reply = tools.get().get(source.address(), Map.of("Range", "bytes=0-0"), stop);
        boolean kept = false;
        try {
            Head head = reply.head();
            Remote remote = switch (head.status()) {
                case 200 -> {
                    kept = true;
                    yield new Remote(head.contentLength(), "", reply);
                }
                case 206 ->
                    new Remote(head.contentRange().map(Head.ContentRange::total).orElse(-1L), head.strongTag(), null);
                default ->
                    throw new PullException(
                            PullError.UPSTREAM_ERROR, reply.host() + " answers " + head.status() + ": given up");
            };
            agree(reply.host(), remote);
            return remote;
        } finally {
            if (!kept) {
                reply.close();
            }
        }
    }

    private void agree(String host, Remote remote) throws PullException {
        if (remote.whole == null && remote.sizeBytes < 0) {
            throw new PullException(PullError.UPSTREAM_ERROR, host + " sends parts of a file without its size");
        }
        if (remote.sizeBytes >= 0 && source.sizeBytes() >= 0 && remote.sizeBytes != source.sizeBytes()) {
            closeQuietly(remote);
            throw new PullException(
                    PullError.UPSTREAM_ERROR,
                    host + " has " + remote.sizeBytes + " bytes where the hub lists " + source.sizeBytes());
        }
        if (remote.whole != null
                && remote.whole.body().framing() == Body.Framing.CLOSE
                && source.sizeBytes() < 0
                && source.sha256() == null) {
            closeQuietly(remote);
            throw new PullException(
                    PullError.UPSTREAM_ERROR,
                    host + " says neither how long the file is nor where it ends: state its digest with "
                            + tools.settings.switches().sha256());
        }
    }

    private static void closeQuietly(Remote remote) {
        if (remote.whole != null) {
            remote.whole.close();
        }
    }

    /// The size is known from here on: it must be allowed.
    private void expect(long sizeBytes) throws PullException {
        if (sizeBytes == 0) {
            throw new PullException(PullError.INVALID_MODEL, "the file is empty");
        }
        if (sizeBytes > tools.maxBytes()) {
            throw new PullException(
                    PullError.TOO_LARGE,
                    "the file has " + Amounts.words(sizeBytes) + ", allowed are " + Amounts.words(tools.maxBytes())
                            + " (--max-size)");
        }
        if (source.sizeBytes() < 0) {
            tools.board().total(sizeBytes);
        }
    }

    private long inParts(Remote remote, @Nullable Left left, StopSignal stop) throws PullException, IOException {
        Subject subject = Subject.of(remote.sizeBytes, remote.tag, source.sha256());
        Ranges present = left != null && left.subject().equals(subject) ? left.present() : new Ranges();
        if (left != null && present.bytes() == 0 && left.present().bytes() > 0) {
            tools.board().note("the file changed at the source since the last pull: starting again");
        }
        tools.board().present(present.bytes());
        checkSpace(subject.sizeBytes() - present.bytes());
        if (present.bytes() == 0) {
            forget();
        }
        PartPlan plan = PartPlan.of(
                present.missing(subject.sizeBytes()), tools.settings().parts(), tools.limits());
        Queue<Range> waiting = new ConcurrentLinkedQueue<>(plan.pieces());
        tools.board().enter(PullPhase.DOWNLOADING);
        try (Disk.OpenFile file = tools.disk().open(data);
                PartJournal record = PartJournal.start(journal, subject, present, tools.disk())) {
            new Crew(tools.board())
                    .run(
                            plan.connections(),
                            signal -> {
                                for (Range next = waiting.poll(); next != null; next = waiting.poll()) {
                                    new Piece(tools, source, subject, file, record, next).fetch(signal);
                                }
                            },
                            stop);
        }
        return subject.sizeBytes();
    }

    private long inOne(Remote remote, StopSignal stop) throws PullException, IOException {
        checkSpace(Math.max(0, remote.sizeBytes));
        forget();
        long size = remote.sizeBytes >= 0 ? remote.sizeBytes : source.sizeBytes();
        long[] written = new long[1];
        tools.board().present(0);
        tools.board().enter(PullPhase.DOWNLOADING);
        try (Disk.OpenFile file = tools.disk().open(data)) {
            WholeFile whole = new WholeFile(tools, source, file, size);
            new Crew(tools.board())
                    .run(
                            1,
                            signal -> {
                                // The answer came before this crew was there, so its signal does not know the
                                // connection yet.
                                if (remote.whole != null) {
                                    signal.attach(remote.whole);
                                }
                                written[0] = whole.fetch(remote.whole, signal);
                            },
                            stop);
        }
        return written[0];
    }

    /// Removes what is there of the file; first of all the claim that it is there.
    private void forget() throws IOException {
        PartJournal.discard(journal);
        Files.deleteIfExists(data);
    }

    private void checkSpace(long bytes) throws PullException, IOException {
        tools.board().enter(PullPhase.CHECKING_SPACE);
        long needed = bytes + laterBytes;
        long usable = tools.disk().usableBytes(tools.directory());
        long margin = tools.limits().spaceMargin().bytes();
        if (usable < needed + margin) {
            throw new PullException(
                    PullError.INSUFFICIENT_STORAGE,
                    Amounts.words(needed) + " are needed and " + Amounts.words(margin) + " stay free, but "
                            + tools.directory() + " has " + Amounts.words(usable)
                            + ": make room or choose another data directory (--data-dir)");
        }
    }

    private String verify(long size, StopSignal stop) throws PullException, IOException {
        tools.board().note("");
        tools.board().present(0);
        tools.board().enter(PullPhase.VERIFYING);
        String digest;
        try {
            digest = Digests.sha256(data, size, tools.board(), stop);
        } catch (PullException e) {
            tools.board().present(size); // stopped: all of it is kept, however much was read back
            throw e;
        }
        if (source.sha256() != null && !digest.equals(source.sha256())) {
            forget();
            throw new PullException(
                    PullError.DIGEST_MISMATCH,
                    "what was transferred has sha256 " + digest + ", expected was " + source.sha256()
                            + ": it was deleted");
        }
        return digest;
    }
}
