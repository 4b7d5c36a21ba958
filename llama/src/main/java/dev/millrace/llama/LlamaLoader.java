package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.batch.InvalidPromptException;
import dev.millrace.engine.schedule.StepCost;
import dev.millrace.llama.natives.NativeAbi;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/// Brings llama.cpp to the batching engine.
public final class LlamaLoader {
    private static final double ATTENTION_PART = 1000;
    private static final Prompt FIRST = new Prompt.Chat(
            List.of(
                    new ChatMessage(ChatMessage.Role.USER, "Hello"),
                    new ChatMessage(ChatMessage.Role.ASSISTANT, "Hello"),
                    new ChatMessage(ChatMessage.Role.USER, "Hello again")),
            Map.of());

    private LlamaLoader() {}

    /// Loads the model when the engine starts, on the engine's thread, and starts the scheduler with what the first
    /// steps cost.
    ///
    /// @param progress told how far loading is; may end it
    /// @param cores who may compute; each step takes some
    /// @param wall what chat templates take for the date
    public static BackendFactory factory(
            LlamaOptions options, ProgressListener progress, Cores cores, NanoClock clock, Clock wall) {
        return () -> {
            if (ModelFiles.check(options.file()).makesOnlyEmbeddings()) {
                return new BackendFactory.Loaded(
                        LlamaEncoder.loadChecked(options, progress, cores, clock, wall), StepCost.unmeasured());
            }
            LlamaBackend backend = LlamaBackend.loadChecked(options, progress, cores, clock, wall);
            rehearse(backend);
            return new BackendFactory.Loaded(
                    backend, stepCost(backend.cost(), options.natives().abi()));
        };
    }

    /// Renders a conversation once, so that the first request does not wait for the template engine to be loaded.
    private static void rehearse(LlamaBackend backend) {
        try {
            backend.vocabulary().encode(FIRST);
        } catch (InvalidPromptException e) {
            // Not every template takes every conversation; plain completions work without one.
        }
    }

    /// The measured step holds one decoded token already. What attention adds is not measured apart: the scheduler
    /// learns it, from a start that is small against a token.
    private static StepCost stepCost(MeasuredCost cost, NativeAbi abi) {
        return new StepCost(
                cost.baseStepNanos() - cost.decodeTokenNanos(),
                cost.decodeTokenNanos(),
                cost.prefillTokenNanos(),
                cost.prefillTokenNanos() / ATTENTION_PART,
                abi.attentionTile());
    }
}
