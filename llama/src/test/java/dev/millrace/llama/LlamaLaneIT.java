package dev.millrace.llama;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.ChatMessage.Role;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.batch.InvalidPromptException;
import dev.millrace.engine.batch.ModelBackend.StepResult;
import dev.millrace.engine.batch.PrefillLane;
import dev.millrace.engine.batch.PrefillLane.Progress;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.llama.natives.NativeAbi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Prompts beside the steps, with the demo model: a wrong copy of the KV would change its answer.
class LlamaLaneIT {
    private static final Tiny DEMO = new Tiny(Path.of("../tools/demo-model/millrace-demo.gguf"));
    private static final int SLOT = 3;
    private static final int OTHER = 1;
    private static final int CHUNK = 128;
    private static final String QUESTION =
            "The weather is fine today. We had coffee at noon. ".repeat(25) + "\n\nHow do I change the port?";

    @Test
    void promptBesideTheStepsGivesTheAnswerThatItGivesInSteps() throws IOException, InvalidPromptException {
        try (LlamaBackend backend = DEMO.load(NativeAbi.V0_5_0)) {
            int[] prompt = prompt(backend);
            String expected = Tiny.opening(backend, prompt, 0, SLOT);
            assertThat(expected).contains("--port");
            backend.truncate(SLOT, 0);

            int pauses = besides(backend, prompt, 0);

            assertThat(pauses).isGreaterThan(10);
            assertThat(Tiny.opening(backend, prompt, prompt.length - 1, SLOT)).isEqualTo(expected);
        }
    }

    @Test
    void laneGoesOnBehindWhatStepsComputed() throws IOException, InvalidPromptException {
        try (LlamaBackend backend = DEMO.load(NativeAbi.V0_5_0)) {
            int[] prompt = prompt(backend);
            String expected = Tiny.opening(backend, prompt, 0, SLOT);
            backend.truncate(SLOT, 0);
            Tiny.step(backend, Arrays.copyOf(prompt, 150), 0, SLOT);

            besides(backend, prompt, 150);

            assertThat(Tiny.opening(backend, prompt, prompt.length - 1, SLOT)).isEqualTo(expected);
        }
    }

    @Test
    void cancelledChunkLeavesTheSlotAsItWas() throws IOException, InvalidPromptException {
        try (LlamaBackend backend = DEMO.load(NativeAbi.V0_5_0)) {
            int[] prompt = prompt(backend);
            String expected = Tiny.opening(backend, prompt, 0, SLOT);
            backend.truncate(SLOT, 0);
            Tiny.step(backend, Arrays.copyOf(prompt, 100), 0, SLOT);
            PrefillLane lane = requireNonNull(backend.lane());
            lane.begin(chunk(prompt, 100, 228));
            assertThat(lane.advance(1)).isEqualTo(Progress.RUNNING);
            assertThat(lane.advance(1)).isEqualTo(Progress.RUNNING);

            lane.cancel();

            assertThat(Tiny.opening(backend, prompt, 100, SLOT)).isEqualTo(expected);
        }
    }

    @Test
    void slotThatWasEmptiedMeanwhileIsNotMistakenForTheOldOne() throws IOException, InvalidPromptException {
        try (LlamaBackend backend = DEMO.load(NativeAbi.V0_5_0)) {
            int[] prompt = prompt(backend);
            String expected = Tiny.opening(backend, prompt, 0, SLOT);
            backend.truncate(SLOT, 0);
            int[] another = prompt.clone();
            Arrays.fill(another, 0, 200, prompt[10]);
            besides(backend, another, 0);
            backend.truncate(SLOT, 0);
            Tiny.step(backend, Arrays.copyOf(prompt, 128), 0, SLOT);

            besides(backend, prompt, 128);

            assertThat(Tiny.opening(backend, prompt, prompt.length - 1, SLOT)).isEqualTo(expected);
        }
    }

    @Test
    void closingInTheMiddleOfAChunkEnds() throws IOException, InvalidPromptException {
        LlamaBackend backend = DEMO.load(NativeAbi.V0_5_0);
        PrefillLane lane = requireNonNull(backend.lane());
        lane.begin(chunk(prompt(backend), 0, CHUNK));
        assertThat(lane.advance(1)).isEqualTo(Progress.RUNNING);

        backend.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("prefill");
    }

    @Test
    void buildWhoseThreadsBelongToOneThreadHasNoLane() throws IOException {
        try (LlamaBackend backend = DEMO.load(NativeAbi.B4916)) {
            assertThat(backend.lane()).isNull();
        }
    }

    private static int[] prompt(LlamaBackend backend) throws InvalidPromptException {
        return backend.vocabulary().encode(new Prompt.Chat(List.of(new ChatMessage(Role.USER, QUESTION)), Map.of()));
    }

    private static StepBatch chunk(int[] prompt, int from, int to) {
        StepBatch chunk = new StepBatch(to - from);
        for (int i = from; i < to; i++) {
            chunk.add(prompt[i], i, SLOT, false);
        }
        return chunk;
    }

    /// Computes all but the last token beside steps of another sequence; returns how often the lane paused.
    private static int besides(LlamaBackend backend, int[] prompt, int from) {
        PrefillLane lane = requireNonNull(backend.lane());
        backend.truncate(OTHER, 0);
        int steps = 0;
        for (int start = from; start < prompt.length - 1; start += CHUNK) {
            lane.begin(chunk(prompt, start, Math.min(start + CHUNK, prompt.length - 1)));
            Progress progress = lane.advance(1);
            while (progress == Progress.RUNNING) {
                assertThat(Tiny.step(backend, new int[] {prompt[steps % 100]}, steps, OTHER))
                        .isEqualTo(StepResult.OK);
                steps++;
                progress = lane.advance(1);
            }
            assertThat(progress).isEqualTo(Progress.DONE);
        }
        return steps;
    }
}
