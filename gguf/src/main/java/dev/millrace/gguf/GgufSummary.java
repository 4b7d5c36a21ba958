package dev.millrace.gguf;

import org.jspecify.annotations.Nullable;

/// What people want to know of a model file. *Immutable.*
///
/// @param architecture as llama.cpp names it, for example `qwen3`
/// @param name the model's own name; empty if it says none
/// @param parameters number of weights, counted from the tensors of this file
/// @param quantisation of most of the weights, for example `Q4_K_M` or `Q8_0`
/// @param contextTokens what it was trained for; 0 if it does not say
/// @param vocabularyTokens size of the vocabulary; 0 if there is none in this file
/// @param chatTemplate the Jinja source; absent if there is none
/// @param licence as the file names it; empty if it does not
/// @param shardIndex 0-based number of this file in its split; 0 if it is not split
/// @param shardCount files the model is split into; 1 if it is not split
/// @param sizeBytes of this file
public record GgufSummary(
        String architecture,
        String name,
        long parameters,
        String quantisation,
        int contextTokens,
        int vocabularyTokens,
        @Nullable String chatTemplate,
        String licence,
        int shardIndex,
        int shardCount,
        long sizeBytes) {}
