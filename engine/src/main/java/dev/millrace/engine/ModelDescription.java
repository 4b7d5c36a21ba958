package dev.millrace.engine;

import dev.millrace.core.id.ModelId;

/// What clients may know of a loaded model. *Immutable.*
///
/// @param engine what runs it, for people: `llama.cpp 0.5.0 (npm)`, `simulated`
/// @param contextTokens most tokens of prompt and answer together for one request
/// @param parameters number of weights; 0 if unknown
/// @param sizeBytes size of the weights on disk; 0 if unknown
/// @param simulated true if no model is behind it
public record ModelDescription(
        ModelId id, String engine, int contextTokens, long parameters, long sizeBytes, boolean simulated) {}
