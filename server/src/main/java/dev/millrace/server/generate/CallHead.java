package dev.millrace.server.generate;

import dev.millrace.core.id.RequestId;
import dev.millrace.server.account.CallSummary;

/// What is known of a call when it arrives. *Immutable.*
///
/// @param client on whose account it goes
/// @param model the label of the model in metrics and logs
public record CallHead(
        RequestId id,
        String client,
        CallSummary.Operation operation,
        String model,
        boolean stream,
        long arrivalNanos) {}
