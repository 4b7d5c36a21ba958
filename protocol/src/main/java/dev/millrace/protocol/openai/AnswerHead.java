package dev.millrace.protocol.openai;

/// What every part of one answer repeats. *Immutable.*
///
/// @param id the request's id, without the dialect's prefix
/// @param createdEpochSeconds when the request arrived
/// @param model the name of the model that answers
/// @param usageAsked the stream ends with a usage event, and its other events say `"usage":null`
/// @param logprobsAsked log-probabilities go with the tokens
public record AnswerHead(
        String id, long createdEpochSeconds, String model, boolean usageAsked, boolean logprobsAsked) {}
