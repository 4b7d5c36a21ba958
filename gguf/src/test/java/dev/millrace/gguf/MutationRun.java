package dev.millrace.gguf;

import dev.millrace.testing.gguf.GgufMutations;
import dev.millrace.testing.gguf.GgufMutations.Kind;
import dev.millrace.testing.gguf.GgufMutations.Mutant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Reads damaged files and counts what becomes of them. As a program: `MutationRun DEMO_MODEL COUNT FIRST_SEED`.
/// *Confined to one thread.*
final class MutationRun {
    private static final int MAX_REPORTED = 20;

    private final Map<Kind, int[]> counts = new EnumMap<>(Kind.class);
    private final List<String> wrong = new ArrayList<>();

    /// Entry point; ends with 1 if a file was accepted wrongly.
    public static void main(String[] arguments) throws IOException {
        MutationRun run = new MutationRun();
        run.read(mutations(Path.of(arguments[0])), Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
        IO.println(run.report());
        System.exit(run.wrong.isEmpty() ? 0 : 1);
    }

    static GgufMutations mutations(Path demo) throws IOException {
        byte[] all = Files.readAllBytes(demo);
        GgufFile file = GgufReader.read(demo);
        // Its tensors fill the rest of the file.
        int header = Math.toIntExact(all.length - padded(file.weights().bytes()));
        return new GgufMutations(Arrays.copyOf(all, header), all.length - header);
    }

    private static long padded(long bytes) {
        return (bytes + 31) / 32 * 32;
    }

    void read(GgufMutations mutations, int count, long firstSeed) {
        for (int i = 0; i < count; i++) {
            long seed = firstSeed + i;
            Mutant mutant = mutations.of(seed);
            int[] outcomes = counts.computeIfAbsent(mutant.kind(), k -> new int[2]);
            try {
                Headers.read(mutant.header(), mutant.size());
                outcomes[1]++;
                checkAccepted(mutant, seed);
            } catch (InvalidGgufException e) {
                outcomes[0]++;
            } catch (IOException | RuntimeException e) {
                wrong.add(mutant.kind() + " of seed " + seed + " ended with " + e);
            }
        }
    }

    private void checkAccepted(Mutant mutant, long seed) {
        List<String> faults = mutant.kind() == Kind.BYTES
                ? SecondParser.faults(mutant.header(), mutant.size())
                : List.of("invalid by construction");
        if (!faults.isEmpty()) {
            wrong.add(mutant.kind() + " of seed " + seed + " was accepted: " + faults);
        }
    }

    List<String> wrong() {
        return wrong;
    }

    /// Per kind, how many were refused and how many accepted as sound, and what went wrong.
    String report() {
        StringBuilder report = new StringBuilder();
        counts.forEach((kind, c) -> report.append("%-18s refused %6d  accepted %6d%n".formatted(kind, c[0], c[1])));
        report.append("wrong: ").append(wrong.size());
        wrong.stream().limit(MAX_REPORTED).forEach(w -> report.append("\n  ").append(w));
        return report.toString();
    }
}
