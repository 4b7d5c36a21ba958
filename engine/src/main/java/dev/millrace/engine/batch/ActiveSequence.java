package dev.millrace.engine.batch;

import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Stopping;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.engine.schedule.Sequence;
import dev.millrace.engine.text.OutputText;
import java.nio.charset.StandardCharsets;

/// A sequence with what its answer needs. *Confined to the engine thread.*
final class ActiveSequence extends Sequence {
    private static final long NOT_YET = Long.MIN_VALUE;

    private final BatchGeneration generation;
    private final Stopping stopping;
    private final TokenSampler sampler;
    private final OutputText text = new OutputText();
    private long startedNanos = NOT_YET;
    private long firstTokenNanos = NOT_YET;
    private long lastTokenNanos = NOT_YET;

    ActiveSequence(
            BatchGeneration generation,
            GenerationRequest request,
            int[] prompt,
            int maxTokens,
            TokenSampler sampler,
            long arrivalNanos) {
        super(request.id(), request.share(), prompt, maxTokens, arrivalNanos, request.repeatable());
        this.generation = generation;
        this.stopping = request.stopping();
        this.sampler = sampler;
        text.reset(stopping.stops().stream()
                .map(stop -> stop.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new));
        int seen = sampler.sampling().penalties().lastTokens();
        for (int i = Math.max(0, prompt.length - seen); i < prompt.length; i++) {
            sampler.accept(prompt[i]);
        }
    }

    BatchGeneration generation() {
        return generation;
    }

    Stopping stopping() {
        return stopping;
    }

    TokenSampler sampler() {
        return sampler;
    }

    OutputText text() {
        return text;
    }

    void started(long nowNanos) {
        if (startedNanos == NOT_YET) {
            startedNanos = nowNanos;
        }
    }

    void produced(long nowNanos) {
        if (firstTokenNanos == NOT_YET) {
            firstTokenNanos = nowNanos;
        }
        lastTokenNanos = nowNanos;
    }

    Usage usage() {
        return new Usage(promptTokens(), cached(), generatedTokens());
    }

    Timings timings(long nowNanos) {
        if (startedNanos == NOT_YET) {
            return new Timings(nowNanos - arrivalNanos(), 0, 0);
        }
        long queue = startedNanos - arrivalNanos();
        if (firstTokenNanos == NOT_YET) {
            return new Timings(queue, nowNanos - startedNanos, 0);
        }
        return new Timings(queue, firstTokenNanos - startedNanos, lastTokenNanos - firstTokenNanos);
    }
}
