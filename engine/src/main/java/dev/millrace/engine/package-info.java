/// The engine contract: what the server asks of anything that can generate text, local, remote or simulated.
///
/// A [GenerationRequest] is submitted to an [Engine] and answered through a [Generation]: a pull-based, bounded
/// stream of [GenerationEvent]s that always ends with exactly one terminal event. Pulling is what makes
/// back-pressure and an allocation-free decode loop possible: the engine fills a small ring per request, and pauses
/// only that request while the ring is full.
@NullMarked
package dev.millrace.engine;

import org.jspecify.annotations.NullMarked;
