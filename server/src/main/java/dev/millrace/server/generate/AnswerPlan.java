package dev.millrace.server.generate;

import dev.millrace.protocol.openai.AnswerWriter;

/// How an answer is to be written. *Immutable.*
public record AnswerPlan(AnswerWriter writer, boolean usageAsked, boolean logprobsAsked) {}
