/// Engines without a model behind them, for measuring serving and for tests. Everything they say is invented, and
/// they say so: their model names begin with `simulated/` and [dev.millrace.engine.ModelDescription#simulated] is
/// true.
///
/// [TimedEngine] answers after a timer and costs next to nothing: what is left is transport and serving.
/// [SimulatedBackend] stands in for llama.cpp behind the real scheduler, with a step cost given as parameters, in
/// real or in virtual time. Both are deterministic: the same prompt gets the same answer.
@NullMarked
package dev.millrace.engine.simulated;

import org.jspecify.annotations.NullMarked;
