package dev.millrace.models.download;

import dev.millrace.core.ByteSize;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// A [Puller] on a directory of its own with short limits, and what it showed. Its landing keeps of the real one that
/// files
/// move by rename.
final class PullBench {
    static final PullLimits LIMITS = new PullLimits(
            Duration.ofSeconds(2),
            Duration.ofMillis(600),
            Duration.ofMillis(400),
            Duration.ofMillis(500),
            20_000,
            3,
            new ByteSize(1000),
            Duration.ofMillis(1),
            Duration.ofMillis(4),
            Duration.ofSeconds(5),
            new ByteSize(32 * 1024),
            Duration.ofMillis(50),
            new ByteSize(1024),
            new ByteSize(16 * 1024),
            ByteSize.mebibytes(1));

    final Path directory;
    final List<PullProgress> shown = new CopyOnWriteArrayList<>();
    final Map<String, List<StoredFile>> landed = new ConcurrentHashMap<>();
    final List<String> origins = new CopyOnWriteArrayList<>();
    private PullSettings settings;
    private Surroundings surroundings;

    PullBench(Path directory, URI hub) {
        this.directory = directory;
        this.settings =
                new PullSettings(directory.resolve("partial"), hub, List.of(), null, 4, ByteSize.mebibytes(64), LIMITS);
        this.surroundings = new Surroundings(
                HostLookup.SYSTEM,
                Disk.REAL,
                file -> {},
                NanoClock.SYSTEM,
                Pause.REAL,
                new SplittableRandom(1),
                Surroundings.TRUSTED);
    }

    PullBench with(PullSettings changed) {
        settings = changed;
        return this;
    }

    PullBench around(Surroundings changed) {
        surroundings = changed;
        return this;
    }

    PullBench allowing(String... allowed) {
        PullSettings s = settings;
        return with(new PullSettings(
                s.partialDirectory(), s.hub(), List.of(allowed), s.token(), s.parts(), s.maxSize(), s.limits()));
    }

    PullBench token(String secret) {
        PullSettings s = settings;
        return with(new PullSettings(
                s.partialDirectory(),
                s.hub(),
                s.allowed(),
                new AccessToken(secret),
                s.parts(),
                s.maxSize(),
                s.limits()));
    }

    PullBench parts(int parts) {
        PullSettings s = settings;
        return with(new PullSettings(
                s.partialDirectory(), s.hub(), s.allowed(), s.token(), parts, s.maxSize(), s.limits()));
    }

    PullBench maxSize(long bytes) {
        PullSettings s = settings;
        return with(new PullSettings(
                s.partialDirectory(), s.hub(), s.allowed(), s.token(), s.parts(), new ByteSize(bytes), s.limits()));
    }

    PullBench lookup(HostLookup lookup) {
        Surroundings s = surroundings;
        return around(new Surroundings(lookup, s.disk(), s.check(), s.clock(), s.pause(), s.random(), s.tls()));
    }

    PullBench disk(Disk disk) {
        Surroundings s = surroundings;
        return around(new Surroundings(s.lookup(), disk, s.check(), s.clock(), s.pause(), s.random(), s.tls()));
    }

    PullBench check(ModelCheck check) {
        Surroundings s = surroundings;
        return around(new Surroundings(s.lookup(), s.disk(), check, s.clock(), s.pause(), s.random(), s.tls()));
    }

    PullBench pause(Pause pause) {
        Surroundings s = surroundings;
        return around(new Surroundings(s.lookup(), s.disk(), s.check(), s.clock(), pause, s.random(), s.tls()));
    }

    PullBench tls(SSLSocketFactory tls) {
        Surroundings s = surroundings;
        return around(new Surroundings(s.lookup(), s.disk(), s.check(), s.clock(), s.pause(), s.random(), () -> tls));
    }

    PullOutcome pull(String reference) {
        return pull(PullRequest.of(reference));
    }

    PullOutcome pull(String reference, @Nullable String sha256) {
        return pull(new PullRequest(reference, null, sha256, false));
    }

    PullOutcome pull(PullRequest request) {
        return pull(request, new PullControl());
    }

    PullOutcome pull(PullRequest request, PullControl control) {
        return new Puller(settings, surroundings, this::land).pull(request, control, shown::add);
    }

    private void land(ModelId name, List<StoredFile> files, String origin) throws IOException {
        List<StoredFile> moved = new ArrayList<>();
        Path models = Files.createDirectories(directory.resolve("models"));
        for (StoredFile file : files) {
            Path target = models.resolve(file.sha256());
            Files.move(file.path(), target, StandardCopyOption.ATOMIC_MOVE);
            moved.add(new StoredFile(target, file.sizeBytes(), file.sha256()));
        }
        landed.put(name.value(), moved);
        origins.add(origin);
    }

    /// The phases that were shown, each once.
    List<PullPhase> phases() {
        return shown.stream().map(PullProgress::phase).distinct().toList();
    }

    /// What is left of unfinished pulls, without the small files of locks.
    List<Path> leftOvers() throws IOException {
        Path partial = directory.resolve("partial");
        if (!Files.isDirectory(partial)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(partial)) {
            return all.filter(Files::isRegularFile)
                    .filter(p -> !p.toString().endsWith(".lock"))
                    .toList();
        }
    }

    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
