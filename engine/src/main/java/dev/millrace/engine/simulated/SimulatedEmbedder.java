package dev.millrace.engine.simulated;

import dev.millrace.engine.batch.Embedder;
import java.util.List;

/// Takes time and makes up vectors. It remembers how far each slot is, so that parts of inputs that do not follow one
/// another are found out. *Confined to the engine thread.*
final class SimulatedEmbedder implements Embedder {
    private final int runTokens;
    private final int[] lengths;
    private final SimulatedCost cost;
    private final Pace pace;

    SimulatedEmbedder(int runTokens, int slots, SimulatedCost cost, Pace pace) {
        this.runTokens = runTokens;
        this.lengths = new int[slots];
        this.cost = cost;
        this.pace = pace;
    }

    @Override
    public int dimensions() {
        return InventedVectors.DIMENSIONS;
    }

    @Override
    public String refusal() {
        return "";
    }

    @Override
    public boolean open(Runnable alive) {
        return true;
    }

    @Override
    public int runTokens() {
        return runTokens;
    }

    @Override
    public int slots() {
        return lengths.length;
    }

    @Override
    public boolean canSplit() {
        return true;
    }

    @Override
    public boolean run(List<Part> parts) {
        int tokens = 0;
        for (Part part : parts) {
            if (part.from() != lengths[part.slot()]) {
                throw new IllegalStateException("token " + part.from() + " in slot " + part.slot() + " (expected: "
                        + lengths[part.slot()] + ")");
            }
            InventedVectors.add(part.tokens(), part.from(), part.to(), part.vector());
            lengths[part.slot()] = part.isLast() ? 0 : part.to();
            tokens += part.size();
        }
        if (tokens > runTokens) {
            throw new IllegalStateException("tokens: " + tokens + " (expected: at most " + runTokens + ")");
        }
        pace.pass(cost.nanos(0, tokens), () -> false);
        return true;
    }

    @Override
    public void forget(int slot) {
        lengths[slot] = 0;
    }
}
