package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.engines.WorkerTrial.Outcome;
import dev.millrace.gguf.GgufReader;
import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.gguf.GgufMutations;
import dev.millrace.testing.gguf.GgufMutations.Kind;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// Damaged copies of the demo model that the reader of headers finds sound, each in a worker on real llama.cpp: it
/// answers, or says why it cannot; nothing but the worker is ever lost.
///
/// A sample, one for each kind of field. All of them: `-Dmillrace.gguf.mutants=100000`, from seed
/// `-Dmillrace.gguf.seed`; on another build with `-Dmillrace.gguf.abi=B4916`.
class MutantModelsIT {
    private static final long FIRST_SEED = Long.getLong("millrace.gguf.seed", 20_261_123);
    private static final int SAMPLE = 8;

    /// Seeds to look at for the sample, or for all there are.
    private static final int SEEDS = Integer.getInteger("millrace.gguf.mutants", 20_000);

    private static final boolean ALL = Integer.getInteger("millrace.gguf.mutants") != null;
    private static final NativeAbi ABI =
            NativeAbi.valueOf(System.getProperty("millrace.gguf.abi", NativeAbi.V0_5_0.name()));

    @TempDir
    private Path directory;

    private byte[] demo = {};
    private byte[] header = {};

    /// A damaged header and the fields that are damaged.
    @SuppressWarnings("ArrayRecordComponent")
    private record Mutant(long seed, Set<String> changed, byte[] header) {}

    @BeforeEach
    void readDemo() throws IOException {
        demo = Files.readAllBytes(RealWorkers.DEMO);
        long data = GgufReader.read(RealWorkers.DEMO).weights().bytes();
        header = Arrays.copyOf(demo, Math.toIntExact(demo.length - (data + 31) / 32 * 32));
    }

    @Test
    void whatPassesTheReaderAnswersOrSaysWhyItCannot(TestReporter reporter) throws Exception {
        Map<Long, Outcome> outcomes = new TreeMap<>();
        List<Mutant> mutants = mutants();
        try (WorkerLauncher launcher = RealWorkers.launcher();
                WorkerTrial trial = new WorkerTrial(launcher, ABI)) {
            for (Mutant mutant : mutants) {
                Outcome outcome = trial.of(file(mutant));
                outcomes.put(mutant.seed(), outcome);
                reporter.publishEntry(mutant.seed() + " " + mutant.changed(), outcome.toString());
            }
            assertThat(trial.of(RealWorkers.DEMO))
                    .as("the model itself, afterwards")
                    .isEqualTo(new Outcome.Answered(4));
        }
        Map<String, Integer> counts = new TreeMap<>();
        outcomes.values().forEach(o -> counts.merge(o.getClass().getSimpleName(), 1, Integer::sum));
        reporter.publishEntry("outcomes of " + mutants.size(), counts.toString());
        assertThat(outcomes.values()).noneMatch(o -> o instanceof Outcome.Lost || o instanceof Outcome.Hung);
        assertThat(ProcessHandle.current().children()).as("processes left").isEmpty();
    }

    @Test
    void zerosBehindTheLastTensorMakeNoDifference() throws Exception {
        Path padded = directory.resolve("padded.gguf");
        Files.write(padded, Arrays.copyOf(demo, demo.length + 10_000));
        try (WorkerLauncher launcher = RealWorkers.launcher();
                WorkerTrial trial = new WorkerTrial(launcher, ABI)) {
            assertThat(trial.of(padded)).isEqualTo(new Outcome.Answered(4));
        }
    }

    private Path file(Mutant mutant) throws IOException {
        Path file = directory.resolve("mutant.gguf");
        byte[] content = demo.clone();
        System.arraycopy(mutant.header(), 0, content, 0, mutant.header().length);
        Files.write(file, content);
        return file;
    }

    /// Those that the reader accepts: all, or the first of each kind of field.
    private List<Mutant> mutants() throws IOException {
        GgufMutations mutations = new GgufMutations(header, demo.length - header.length);
        HeaderFields fields = new HeaderFields(header);
        List<Mutant> accepted = new ArrayList<>();
        Map<String, Mutant> byField = new LinkedHashMap<>();
        Path file = directory.resolve("looked-at.gguf");
        Files.write(file, demo);
        try (RandomAccessFile at = new RandomAccessFile(file.toFile(), "rw")) {
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS && (ALL || byField.size() < SAMPLE); seed++) {
                GgufMutations.Mutant raw = mutations.of(seed);
                if (raw.kind() != Kind.BYTES) {
                    continue;
                }
                at.seek(0);
                at.write(raw.header());
                Mutant mutant = new Mutant(seed, fields.changedIn(raw.header()), raw.header());
                if (isAccepted(file) && !mutant.changed().isEmpty()) {
                    accepted.add(mutant);
                    byField.putIfAbsent(mutant.changed().toString(), mutant);
                }
            }
        }
        return ALL ? accepted : List.copyOf(byField.values());
    }

    private static boolean isAccepted(Path file) throws IOException {
        try {
            return GgufReader.readModel(file).whyNotServed().isEmpty();
        } catch (InvalidGgufException e) {
            return false;
        }
    }
}
