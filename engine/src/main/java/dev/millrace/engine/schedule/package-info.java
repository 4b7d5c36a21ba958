/// Continuous batching as pure decisions: who runs, with how many tokens, on whose KV.
///
/// There is no prefill phase and no decode phase: each step, every running sequence may let its *computed* tokens
/// catch up with its *known* tokens. [Scheduler#plan] chooses one token per decoding sequence first, then prompt
/// chunks while the step-time budget of the measured [StepCost] lasts. No threads, no clock, no I/O: time comes in
/// as values, and the few changes to the KV cache go out through [KvEffects].
@NullMarked
package dev.millrace.engine.schedule;

import org.jspecify.annotations.NullMarked;
