package dev.millrace.llama.ffm;

/// What became of a decode.
public enum DecodeResult {
    /// Logits are there.
    OK,
    /// No room in the KV cache; nothing was changed.
    NO_ROOM,
    /// [LlamaContext#abort] was called; finished micro-batches stay in the KV cache.
    ABORTED,
    /// llama.cpp refused the batch or failed in it.
    FAILED
}
