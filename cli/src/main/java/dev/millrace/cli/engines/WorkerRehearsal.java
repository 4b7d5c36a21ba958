package dev.millrace.cli.engines;

import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.WorkerHost;
import dev.millrace.worker.transport.WorkerConnections;
import dev.millrace.worker.transport.WorkerEngine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;

/// A short life of a worker with the demo model, server and worker in one process, from which the JVM learns what to
/// prepare for the next start of a worker.
public final class WorkerRehearsal {
    private static final String SECRET = "a rehearsal keeps no secrets";
    private static final int ROUNDS = 20;
    private static final int TOKENS = 16;
    private static final int SLOTS = 4;

    private WorkerRehearsal() {}

    /// Loads the demo model, asks it a few questions and ends.
    public static void run(Places places) throws IOException, InterruptedException, ExecutionException {
        Path directory = Files.createTempDirectory("millrace-");
        Path socket = directory.resolve("rehearsal.sock");
        PipedOutputStream stdin = new PipedOutputStream();
        try (WorkerConnections connections = new WorkerConnections(NanoClock.SYSTEM)) {
            Thread worker = startWorker(socket, new PipedInputStream(stdin));
            try (WorkerEngine engine = connections.open(socket, SECRET, order(places), (phase, fraction) -> {})) {
                engine.opened().get();
                for (int i = 0; i < ROUNDS; i++) {
                    ask(engine, i);
                }
            } finally {
                stdin.close();
                worker.join();
            }
        } finally {
            Files.deleteIfExists(WorkerCores.file(socket));
            Files.deleteIfExists(directory);
        }
    }

    private static Thread startWorker(Path socket, InputStream stdin) throws IOException, InterruptedException {
        InputStream in = new SequenceInputStream(
                new ByteArrayInputStream((SECRET + "\n").getBytes(StandardCharsets.UTF_8)), stdin);
        CountDownLatch listening = new CountDownLatch(1);
        PrintStream out = new PrintStream(java.io.OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                listening.countDown();
            }
        };
        EngineKinds kinds = new EngineKinds(
                notice -> {},
                WorkerCores.of(socket),
                new TimerDelays(),
                NanoClock.SYSTEM,
                Clock.system(ZoneId.systemDefault()));
        Thread worker = Thread.ofPlatform().name("rehearsal").start(() -> {
            try {
                WorkerHost.run(socket, in, out, kinds);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        listening.await();
        return worker;
    }

    private static LoadOrder order(Places places) {
        return new LoadOrder(
                LoadOrder.Kind.LLAMA,
                new ModelId(Places.DEMO_MODEL),
                places.demoModel(),
                0,
                SLOTS,
                0,
                Duration.ofMillis(100),
                places.dataDirectory(),
                null);
    }

    private static void ask(WorkerEngine engine, int number) throws InterruptedException {
        Semaphore available = new Semaphore(0);
        Prompt prompt = new Prompt.Chat(
                List.of(new ChatMessage(ChatMessage.Role.USER, "What is Millrace? " + number)), Map.of());
        Generation generation = engine.submit(
                new GenerationRequest(
                        new RequestId("rehearsal-" + number),
                        prompt,
                        TOKENS,
                        Stopping.AT_END,
                        Sampling.GREEDY,
                        Share.DEFAULT),
                available::release);
        while (true) {
            GenerationEvent event = generation.poll();
            if (event instanceof GenerationEvent.Terminal) {
                return;
            }
            if (event == null) {
                available.acquire();
            }
        }
    }
}
