package dev.millrace.llama;

import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;

/// Tries whether a sequence of this model can be cut. The state of recurrent models is one whole: it can be gone on
/// with or dropped. Tried rather than looked up, for hybrid kinds come with each release of llama.cpp.
final class CutTrial {
    private CutTrial() {}

    /// Leaves the context empty.
    static boolean works(LlamaContext context, int token) {
        step(context, token, 0);
        step(context, token, 1);
        boolean cut = context.removeFrom(0, 1);
        context.clearSequences();
        return cut;
    }

    /// One token at a time: a batch may hold no more.
    private static void step(LlamaContext context, int token, int position) {
        context.clearBatch();
        context.add(token, position, 0, true);
        if (context.decode() != DecodeResult.OK) {
            throw new LlamaException("the first steps of the model failed");
        }
    }
}
