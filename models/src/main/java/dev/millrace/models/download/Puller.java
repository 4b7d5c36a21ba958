package dev.millrace.models.download;

import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.models.catalogue.CatalogueRefusedException;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Pulls models. *Thread-safe*: several pulls run side by side; of two that pull the same thing, here or in another
/// process,
/// one transfers and the other waits for it.
///
/// ```java
/// var puller = new Puller(PullSettings.of(partial), Surroundings.ofThisMachine(random), landing);
/// var outcome = puller.pull(PullRequest.of("org/repo:Q4_K_M"), new PullControl(), progress -> show(progress));
/// ```
public final class Puller {
    private final PullSettings settings;
    private final Surroundings surroundings;
    private final Landing landing;

    public Puller(PullSettings settings, Surroundings surroundings, Landing landing) {
        this.settings = settings;
        this.surroundings = surroundings;
        this.landing = landing;
    }

    /// Pulls one model; returns when it is there or will not be. Blocks: meant for a virtual thread or a command.
    ///
    /// @param control ends it early; one per pull
    /// @param listener called on this thread, at each phase and a few times per second
    public PullOutcome pull(PullRequest request, PullControl control, Consumer<PullProgress> listener) {
        ProgressBoard board = new ProgressBoard(surroundings.clock(), listener);
        PullOutcome outcome;
        try {
            board.report();
            outcome = run(request, control, board);
        } catch (PullException e) {
            PullProgress last = board.snapshot();
            outcome = e.error() == PullError.INTERRUPTED
                    ? new PullOutcome.Cancelled(last.bytes(), last.totalBytes())
                    : new PullOutcome.Failed(e.error(), e.words());
        } catch (IOException e) {
            PullException fault = DiskFaults.explain(e, surroundings.disk(), settings.partialDirectory());
            outcome = new PullOutcome.Failed(fault.error(), fault.words());
        }
        board.note("");
        board.enter(
                switch (outcome) {
                    case PullOutcome.Pulled p -> PullPhase.DONE;
                    case PullOutcome.AlreadyThere a -> PullPhase.DONE;
                    case PullOutcome.Cancelled c -> PullPhase.CANCELLED;
                    case PullOutcome.Failed f -> PullPhase.FAILED;
                });
        return outcome;
    }

    /// Deletes what a pull left that was stopped, or that failed. Leaves it alone if another pull of the same thing is
    /// at work on it.
    public void discard(PullControl control) throws IOException {
        Path directory = control.partial();
        if (directory == null) {
            return;
        }
        try (PullLock lock = PullLock.tryTake(lockOf(directory))) {
            if (lock != null) {
                delete(directory);
            }
        }
    }

    private static Path lockOf(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".lock");
    }

    private PullOutcome run(PullRequest request, PullControl control, ProgressBoard board)
            throws PullException, IOException {
        StopSignal stop = control.signal();
        HostRules rules = new HostRules(settings);
        GuardedGet get = new GuardedGet(rules, settings.token(), settings.limits(), surroundings);
        Retrying retrying = new Retrying(settings.limits(), surroundings, board::tell);
        URI hub = Origin.parse(settings.hub().toString());
        PullTarget target = new Resolver(rules, new HubListing(get, retrying, hub)).resolve(request, stop);
        board.named(target.model().value());
        board.total(target.totalBytes());
        if (!request.restart() && !target.digests().isEmpty() && landing.holds(target.model(), target.digests())) {
            return new PullOutcome.AlreadyThere(target.model());
        }
        if (target.totalBytes() > settings.maxSize().bytes()) {
            throw new PullException(
                    PullError.TOO_LARGE,
                    "the model has " + Amounts.words(target.totalBytes()) + ", allowed are "
                            + Amounts.words(settings.maxSize().bytes()) + " ("
                            + settings.switches().maxSize() + ")");
        }
        Files.createDirectories(settings.partialDirectory());
        Path directory = settings.partialDirectory().resolve(target.key());
        control.partial(directory);
        FileTransfer.Tools tools = new FileTransfer.Tools(get, retrying, board, settings, surroundings, directory);
        return locked(request, target, tools, stop);
    }

    private PullOutcome locked(PullRequest request, PullTarget target, FileTransfer.Tools tools, StopSignal stop)
            throws PullException, IOException {
        Path file = lockOf(tools.directory());
        boolean waited = false;
        PullLock lock = PullLock.tryTake(file);
        while (lock == null) {
            waited = true;
            Others.showProgress(tools.directory(), tools.board());
            Others.waitABit(surroundings.pause(), stop);
            lock = PullLock.tryTake(file);
        }
        try (PullLock held = lock) {
            if (waited && held.finished().equals(target.model().value())) {
                return new PullOutcome.AlreadyThere(target.model());
            }
            held.begin();
            if (request.restart() && !waited) {
                delete(tools.directory());
            }
            PullOutcome outcome = transfer(target, tools, request.restart(), stop);
            held.finish(target.model().value());
            return outcome;
        }
    }

    private PullOutcome transfer(PullTarget target, FileTransfer.Tools tools, boolean fresh, StopSignal stop)
            throws PullException, IOException {
        Files.createDirectories(tools.directory());
        List<StoredFile> files = new ArrayList<>();
        long later = Math.max(0, target.totalBytes());
        for (SourceFile source : target.files()) {
            later -= Math.max(0, source.sizeBytes());
            StoredFile present = fresh ? null : present(source);
            files.add(present != null ? present : new FileTransfer(tools, source, Math.max(0, later)).fetch(stop));
            if (present != null) {
                tools.board().fileDone(present.sizeBytes());
            }
        }
        stop.check();
        land(target, files, tools.directory());
        delete(tools.directory());
        return new PullOutcome.Pulled(
                target.model(),
                files,
                tools.board().receivedBytes(),
                !target.digests().isEmpty());
    }

    private @Nullable StoredFile present(SourceFile source) {
        return source.sha256() == null
                ? null
                : landing.present(source.sha256())
                        .filter(file -> source.sizeBytes() < 0 || file.sizeBytes() == source.sizeBytes())
                        .orElse(null);
    }

    private void land(PullTarget target, List<StoredFile> files, Path directory) throws PullException, IOException {
        for (StoredFile file : files) {
            checkModel(file, directory);
        }
        try {
            landing.land(target.model(), files, target.origin());
        } catch (CatalogueRefusedException e) {
            throw new PullException(
                    PullError.INVALID_REFERENCE,
                    e.getMessage() + ": choose another name with "
                            + settings.switches().name() + ", nothing will be transferred again",
                    e);
        }
    }

    private void checkModel(StoredFile file, Path directory) throws PullException, IOException {
        try {
            surroundings.check().check(file.path());
        } catch (InvalidGgufException e) {
            delete(directory);
            throw new PullException(
                    PullError.INVALID_MODEL,
                    file.path().getFileName() + " is not a model that can be loaded: " + e.getMessage()
                            + "; it was deleted",
                    e);
        }
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(directory)) {
            // Journals first: they must not outlive what they speak of.
            deepestFirst = all.sorted(
                            Comparator.comparing((Path p) -> !p.toString().endsWith(".journal"))
                                    .thenComparing(Comparator.reverseOrder()))
                    .toList();
        }
        for (Path path : deepestFirst) {
            Files.deleteIfExists(path);
        }
    }
}
