package dev.millrace.llama;

import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;

/// Tries whether a sequence of this model can be cut. The state of recurrent models is one whole: it can be gone on
/// with or dropped. Tried rather than looked up, for hybrid kinds come with each release of llama.cpp.
final class CutTrial {
    private static final int TOKENS = 3;

    private CutTrial() {}

    /// Leaves the context empty.
    static boolean works(LlamaContext context, int token) {
        context.clearBatch();
        for (int position = 0; position < TOKENS; position++) {
            context.add(token, position, 0, position == TOKENS - 1);
        }
        if (context.decode() != DecodeResult.OK) {
            throw new LlamaException("the first steps of the model failed");
        }
        boolean cut = context.removeFrom(0, TOKENS - 1);
        context.clearSequences();
        return cut;
    }
}
