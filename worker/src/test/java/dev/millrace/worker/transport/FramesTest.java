package dev.millrace.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.engine.Timings;
import dev.millrace.engine.TokenLogprob;
import dev.millrace.engine.TokenLogprob.TokenChance;
import dev.millrace.engine.Usage;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.LoadPhase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final Usage USAGE = new Usage(300, 200, 100_000);
    private static final Timings TIMINGS = new Timings(1, -2, Long.MAX_VALUE);

    @Test
    void everyCommandArrivesAsItWasSent() {
        LoadOrder order = new LoadOrder(
                LoadOrder.Kind.LLAMA,
                new ModelId("org/model:Q4"),
                Path.of("/models/ä.gguf"),
                4096,
                4,
                0,
                Duration.ofMillis(100),
                Path.of("/data"),
                null);
        GenerationRequest chat = request(new Prompt.Chat(
                List.of(
                        new ChatMessage(ChatMessage.Role.SYSTEM, ""),
                        new ChatMessage(ChatMessage.Role.USER, "grüße, 世界 🌍")),
                Map.of("a", true, "b", List.of(1, 2L, 3.5, "x"), "c", Map.of("d", "e"))));
        GenerationRequest tokens = request(new Prompt.Tokens(List.of(0, 127, 128, Integer.MAX_VALUE)));
        List<Object> received = new ArrayList<>();
        Commands.Receiver receiver = recorder(received);

        Commands.read(Commands.open(order), receiver);
        Commands.read(Commands.submit(70_000, chat), receiver);
        Commands.read(Commands.submit(2, tokens), receiver);
        Commands.read(Commands.cancel(3), receiver);
        Commands.read(Commands.credit(4, 16), receiver);
        Commands.read(Commands.probe(-1), receiver);

        assertThat(received).containsExactly(order, 70_000, chat, 2, tokens, "cancel 3", "credit 4 16", "probe -1");
    }

    @Test
    void everyReportOfOneFrameArrivesInOrder() {
        FrameWriter out = new FrameWriter();
        TokenLogprob logprob = new TokenLogprob(chance(5, -0.5f), List.of(chance(5, -0.5f), chance(6, -1.5f)));
        ModelDescription model = new ModelDescription(new ModelId("m"), "llama.cpp", 2048, 1L << 40, 5, false);
        EngineStatus status =
                new EngineStatus(4, 1, 2, 1000, 10, 5, true, new EngineStatus.Counters(1, 2, 3, 4, 5, 6, 1L << 50));
        Vitals vitals = new Vitals(9, status, 1L << 33);
        var queued = new GenerationEvent.Queued(3, 100);
        var prefilling = new GenerationEvent.Prefilling(50, 20, 100);
        var finished = new GenerationEvent.Finished(FinishReason.STOP, "", USAGE, TIMINGS);
        var cut = new GenerationEvent.Finished(FinishReason.LENGTH, null, USAGE, TIMINGS);
        var failed = new GenerationEvent.Failed(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "too long", USAGE, TIMINGS);

        Reports.loading(out, LoadPhase.LOADING, 0.25f);
        Reports.opened(out, model, vitals);
        Reports.event(out, 1, queued);
        Reports.event(out, 1, prefilling);
        Reports.event(out, 1, new GenerationEvent.Token(12, "ä", null));
        Reports.event(out, 2, new GenerationEvent.Token(13, "", logprob));
        Reports.event(out, 1, finished);
        Reports.event(out, 2, cut);
        Reports.event(out, 3, failed);
        Reports.vitals(out, vitals);
        Reports.openFailed(out, "no");

        assertThat(reports(out.take()))
                .containsExactly(
                        "LOADING 0.25",
                        model,
                        vitals,
                        queued,
                        prefilling,
                        "1 12 ä null",
                        "2 13  " + logprob,
                        finished,
                        cut,
                        failed,
                        vitals,
                        "no");
    }

    @Test
    void embeddingRequestsArriveAsTheyWereSent() {
        var request = new EmbeddingRequest(
                new RequestId("e-1"), List.of(new Prompt.Text("grüße"), new Prompt.Tokens(List.of(0, 300))), 64);
        List<Object> received = new ArrayList<>();

        Commands.read(Commands.embed(5, request), recorder(received));

        assertThat(received).containsExactly(5, request);
    }

    @Test
    void noRequestHasMoreInputsThanTheContractAllows() {
        FrameWriter out = new FrameWriter();
        out.writeByte(6);
        out.writeInt(1);
        out.writeString("e-1");
        out.writeInt(0);
        out.writeInt(EmbeddingRequest.MAX_INPUTS + 1);
        for (int i = 0; i <= EmbeddingRequest.MAX_INPUTS; i++) {
            out.writeByte(1);
            out.writeString("a");
        }

        assertThatThrownBy(() -> Commands.read(out.take(), recorder(new ArrayList<>())))
                .isInstanceOf(BrokenFrameException.class)
                .hasMessageContaining("2049");
    }

    @Test
    void everyEventOfAnEmbeddingArrivesBitForBit() {
        float[] values = {0, -0.0f, Float.MIN_VALUE, Float.MAX_VALUE, -1 / 3f};
        var started = new EmbeddingEvent.Started(70_000);
        var finished = new EmbeddingEvent.Finished(USAGE, TIMINGS);
        var cancelled = new EmbeddingEvent.Cancelled(USAGE, TIMINGS);
        var failed = new EmbeddingEvent.Failed(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "too long", USAGE, TIMINGS);
        FrameWriter out = new FrameWriter();

        Reports.event(out, 1, started);
        Reports.event(out, 1, new EmbeddingEvent.Vector(values));
        Reports.event(out, 1, finished);
        Reports.event(out, 2, cancelled);
        Reports.event(out, 300, failed);

        List<Object> received = reports(out.take());
        assertThat(((EmbeddingEvent.Vector) received.remove(3)).values()).containsExactly(values);
        assertThat(received).containsExactly(1, started, 1, 1, finished, 2, cancelled, 300, failed);
    }

    @Test
    void vectorsThatClaimMoreThanThereIsAreBroken() {
        FrameWriter out = new FrameWriter();
        out.writeByte(11);
        out.writeInt(1);
        out.writeByte(2);
        out.writeInt(1 << 28);

        assertThatThrownBy(() -> reports(out.take())).isInstanceOf(BrokenFrameException.class);
    }

    @Test
    void aFrameCutAnywhereOrDamagedIsSaidToBeBrokenAndNothingWorse() {
        Frame whole = Commands.submit(1, request(new Prompt.Text("some text")));
        SplittableRandom random = new SplittableRandom(1);

        for (int length = 1; length < whole.length(); length++) {
            Frame cut = new Frame(whole.bytes(), length);
            assertThatThrownBy(() -> Commands.read(cut, recorder(new ArrayList<>())))
                    .isInstanceOf(BrokenFrameException.class);
        }
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(whole.bytes(), whole.length());
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            readOrBreak(new Frame(bytes, bytes.length));
        }
    }

    /// Damage may still be a valid frame; else it is a broken one or a value no request may have.
    private static void readOrBreak(Frame frame) {
        try {
            Commands.read(frame, recorder(new ArrayList<>()));
        } catch (BrokenFrameException | IllegalArgumentException e) {
            assertThat(e).hasMessageMatching("(?s).+");
        }
    }

    private static GenerationRequest request(Prompt prompt) {
        return new GenerationRequest(
                new RequestId("r-1"),
                prompt,
                GenerationRequest.REST_OF_CONTEXT,
                new Stopping(List.of("\n\n", "ende"), true, 3),
                new Sampling(0.7f, 40, 0.9f, 0.05f, new Sampling.Penalties(1.1f, -2, 2, 64), Map.of(5, -100f), -7, 20),
                new Share("tenant", 2.5f),
                true);
    }

    private static TokenChance chance(int id, float logprob) {
        return new TokenChance(id, TokenLogprob.Bytes.of(new byte[] {(byte) 0xff, 'a'}), logprob);
    }

    private static Commands.Receiver recorder(List<Object> received) {
        return new Commands.Receiver() {
            @Override
            public void open(LoadOrder order) {
                received.add(order);
            }

            @Override
            public void submit(int handle, GenerationRequest request) {
                received.add(handle);
                received.add(request);
            }

            @Override
            public void embed(int handle, EmbeddingRequest request) {
                received.add(handle);
                received.add(request);
            }

            @Override
            public void cancel(int handle) {
                received.add("cancel " + handle);
            }

            @Override
            public void credit(int handle, int tokens) {
                received.add("credit " + handle + " " + tokens);
            }

            @Override
            public void probe(int number) {
                received.add("probe " + number);
            }
        };
    }

    private static List<Object> reports(Frame frame) {
        List<Object> received = new ArrayList<>();
        Reports.read(frame, new Reports.Receiver() {
            @Override
            public void loading(LoadPhase phase, float fraction) {
                received.add(phase + " " + fraction);
            }

            @Override
            public void opened(ModelDescription model, Vitals vitals) {
                received.add(model);
                received.add(vitals);
            }

            @Override
            public void openFailed(String message) {
                received.add(message);
            }

            @Override
            public void progress(int handle, GenerationEvent event) {
                received.add(event);
            }

            @Override
            public void token(int handle, int tokenId, byte[] text, @Nullable TokenLogprob logprob) {
                received.add(handle + " " + tokenId + " " + new String(text, StandardCharsets.UTF_8) + " " + logprob);
            }

            @Override
            public void ended(int handle, GenerationEvent.Terminal event) {
                received.add(event);
            }

            @Override
            public void embedding(int handle, EmbeddingEvent event) {
                received.add(handle);
                received.add(event);
            }

            @Override
            public void vitals(Vitals vitals) {
                received.add(vitals);
            }
        });
        return received;
    }
}
