package dev.millrace.cli.engines;

import dev.millrace.cli.console.Places;
import dev.millrace.worker.process.WorkerCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How this program starts itself as a worker.
final class WorkerCommandLine {
    /// All of the environment that a worker sees. Keys and tokens of the server are not among them.
    private static final List<String> PASSED_ON = List.of(
            "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "MILLRACE_LOG");

    /// A worker's own objects are few: prompts in preparation, vocabularies, templates. Its weights are not
    /// on the heap.
    private static final List<String> JVM = List.of(
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Xms5m",
            "-Xmx256m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            // What the compiler took for a moment goes back to the system: 14 MB of an idle worker.
            "-XX:TrimNativeHeapInterval=5000",
            "-XX:+UnlockDiagnosticVMOptions",
            // The fast-start cache is used where it was made for: 20 MB less that each worker has of its own, and no
            // time spent on moving it.
            "-XX:ArchiveRelocationMode=0",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8");

    private static final String PROGRAM = "dev.millrace.cli.worker.WorkerProgram";
    private static final String MORE_OPTIONS = "MILLRACE_WORKER_JAVA_OPTS";

    private WorkerCommandLine() {}

    /// The command of a worker of this very program.
    ///
    /// @param shareCores it leaves cores to the other workers of its server
    static WorkerCommand of(Places places, boolean shareCores, Map<String, String> environment) {
        boolean distributed = System.getProperty("java.class.path").endsWith("millrace.jar");
        return distributed && Files.isRegularFile(jar(places))
                ? ofDistribution(places, shareCores, environment)
                : ofClasses(shareCores, environment);
    }

    /// The command of a worker that runs from the distribution, with its fast-start cache if there is one.
    static WorkerCommand ofDistribution(Places places, boolean shareCores, Map<String, String> environment) {
        List<String> program = new ArrayList<>();
        Path cache = places.distribution().resolve("worker.aot");
        if (Files.isRegularFile(cache)) {
            program.add("-XX:AOTCache=" + cache);
        }
        program.addAll(List.of("-jar", jar(places).toString()));
        return command(program, shareCores, environment);
    }

    private static WorkerCommand ofClasses(boolean shareCores, Map<String, String> environment) {
        return command(List.of("-cp", System.getProperty("java.class.path"), PROGRAM), shareCores, environment);
    }

    private static Path jar(Places places) {
        return places.distribution().resolve("lib").resolve("millrace-worker.jar");
    }

    private static WorkerCommand command(List<String> program, boolean shareCores, Map<String, String> environment) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(JVM);
        if (!shareCores) {
            words.add(WorkerCores.ALONE);
        }
        String more = environment.getOrDefault(MORE_OPTIONS, "").strip();
        if (!more.isEmpty()) {
            words.addAll(List.of(more.split("\\s+")));
        }
        words.addAll(program);
        Map<String, String> passedOn = new HashMap<>(environment);
        passedOn.keySet().retainAll(PASSED_ON);
        // Before it aborts, llama.cpp would start a debugger to print where it was, and keep its memory meanwhile.
        passedOn.put("GGML_NO_BACKTRACE", "1");
        return new WorkerCommand(words, passedOn);
    }
}
