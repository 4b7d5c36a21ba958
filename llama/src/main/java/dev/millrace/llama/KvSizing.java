package dev.millrace.llama;

/// Chooses context and KV cache where nobody did. Pure.
final class KvSizing {
    static final int DEFAULT_CONTEXT = 8192;
    private static final int DEFAULT_MAX_CELLS = 32_768;
    private static final int MIN_CONTEXT = 256;

    private KvSizing() {}

    /// @param contextTokens most tokens of one sequence
    /// @param kvCells tokens in the cache, at least `contextTokens`
    /// @param laneCells tokens in a second cache, for a prompt beside the steps; 0 without memory or use for it
    record Sizes(int contextTokens, int kvCells, int laneCells) {}

    /// @param trained context the model was trained with
    /// @param bytesPerToken of the KV cache
    /// @param budgetBytes most memory a KV cache may take that nobody asked for
    static Sizes choose(LlamaOptions options, int trained, long bytesPerToken, long budgetBytes) {
        long affordable = Math.max(MIN_CONTEXT, budgetBytes / Math.max(1, bytesPerToken));
        int context = options.contextTokens();
        if (context == LlamaOptions.AUTO) {
            int wanted = trained > 0 ? Math.min(trained, DEFAULT_CONTEXT) : DEFAULT_CONTEXT;
            context = (int) Math.min(wanted, affordable);
            if (options.kvCells() != LlamaOptions.AUTO) {
                context = Math.min(context, options.kvCells());
            }
        }
        int cells = options.kvCells();
        if (cells == LlamaOptions.AUTO) {
            long wanted = Math.min((long) options.runningSlots() * context, DEFAULT_MAX_CELLS);
            long left = affordable >= 2L * context ? affordable - context : affordable;
            cells = (int) Math.max(context, Math.min(wanted, left));
        }
        cells = Math.max(context, cells);
        boolean laneFits = options.runningSlots() > 1 && (long) cells + context <= affordable;
        return new Sizes(context, cells, laneFits ? context : 0);
    }
}
