package dev.millrace.protocol.openai;

/// Tokens of one answer. *Immutable.*
public record TokenUsage(int promptTokens, int cachedTokens, int completionTokens) {}
