package dev.millrace.engine.schedule;

/// The sizes a scheduler plans within. *Immutable.*
///
/// @param contextTokens most tokens of one sequence
/// @param kvCells tokens the KV cache holds, at least `contextTokens`: so the oldest sequence can always go on
///     alone
/// @param slots KV sequences, running and kept for reuse together
/// @param runningSlots most sequences that run at once
/// @param batchTokens most tokens of one step, at least `runningSlots`: so every decoding sequence gets its token
/// @param stepBudgetNanos aim for the length of a step while anything decodes
/// @param soloBudgetNanos aim for the length of a step that only computes prompts
/// @param besideContextTokens most tokens of a sequence whose prompt can be computed beside the steps; 0 if none can
/// @param canCut what is computed of a sequence can be cut at any position and shared in part; else it can only be
///     gone on with or dropped as a whole
public record SchedulerLimits(
        int contextTokens,
        int kvCells,
        int slots,
        int runningSlots,
        int batchTokens,
        long stepBudgetNanos,
        long soloBudgetNanos,
        int besideContextTokens,
        boolean canCut) {
    public SchedulerLimits {
        require(contextTokens >= 2, "contextTokens", contextTokens, ">= 2");
        require(kvCells >= contextTokens, "kvCells", kvCells, ">= contextTokens " + contextTokens);
        require(runningSlots >= 1 && runningSlots <= 4096, "runningSlots", runningSlots, "1..4096");
        require(slots >= runningSlots, "slots", slots, ">= runningSlots " + runningSlots);
        require(batchTokens >= runningSlots, "batchTokens", batchTokens, ">= runningSlots " + runningSlots);
        require(stepBudgetNanos > 0, "stepBudgetNanos", stepBudgetNanos, "> 0");
        require(soloBudgetNanos >= stepBudgetNanos, "soloBudgetNanos", soloBudgetNanos, ">= stepBudgetNanos");
        require(besideContextTokens >= 0, "besideContextTokens", besideContextTokens, ">= 0");
    }

    private static void require(boolean holds, String name, long value, String expectation) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expectation + ")");
        }
    }
}
