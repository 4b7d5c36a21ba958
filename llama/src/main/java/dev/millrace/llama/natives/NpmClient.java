package dev.millrace.llama.natives;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The `npm` command of this machine. *Immutable.*
record NpmClient(String command, Duration limit) implements PackageClient {
    private static final int MAX_OUTPUT_CHARS = 600;

    NpmClient() {
        this("npm", Duration.ofMinutes(3));
    }

    @Override
    public Path download(String packageAndVersion, Path directory) throws IOException {
        run(
                directory,
                List.of(
                        command,
                        "pack",
                        packageAndVersion,
                        "--ignore-scripts",
                        "--silent",
                        "--fetch-retries=0",
                        "--pack-destination",
                        directory.toString()));
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.toString().endsWith(".tgz"))
                    .findFirst()
                    .orElseThrow(() -> new NativesException("npm pack " + packageAndVersion + " left no archive"));
        }
    }

    @Override
    public Optional<String> version() {
        try {
            Path directory = Files.createTempDirectory("millrace-npm-");
            try {
                return Optional.of(run(directory, List.of(command, "--version")));
            } finally {
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private String run(Path directory, List<String> words) throws IOException {
        Path output = Files.createTempFile(directory, "npm", ".txt");
        try {
            Process process = start(directory, words, output.toFile());
            boolean ended = waitFor(process);
            String text = Files.readString(output, StandardCharsets.UTF_8).strip();
            if (!ended) {
                throw new NativesException("npm did not end within " + limit.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new NativesException("npm ended with " + process.exitValue() + ": " + shortened(text));
            }
            return text;
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static Process start(Path directory, List<String> words, File output) throws IOException {
        try {
            return new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output)
                    .start();
        } catch (IOException e) {
            throw new NativesException("there is no npm command", e);
        }
    }

    private boolean waitFor(Process process) throws NativesException {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NativesException("interrupted while npm was running", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= MAX_OUTPUT_CHARS ? line : line.substring(0, MAX_OUTPUT_CHARS) + " ...";
    }
}
