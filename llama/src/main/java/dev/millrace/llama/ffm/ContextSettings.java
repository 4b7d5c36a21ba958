package dev.millrace.llama.ffm;

/// Sizes of a context. *Immutable.*
///
/// @param kvCells tokens the KV cache holds, of all sequences together
/// @param batchTokens most tokens of one decode; also the micro-batch, so that a decode that finds no room changed
/// nothing
/// @param sequences KV sequences
/// @param threads for single tokens and for batches alike
public record ContextSettings(int kvCells, int batchTokens, int sequences, int threads) {}
