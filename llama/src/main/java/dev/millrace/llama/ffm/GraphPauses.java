package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// Calls back now and then while a decode computes its graph: `cb_eval` of llama.cpp. It is asked for each node
/// whether its result is wanted; every few nodes it says so, whereupon the library computes up to there and calls
/// again. *Confined to the thread of the context.*
final class GraphPauses {
    // A layer has about 30 nodes. Each stop costs the start of the compute threads.
    private static final int NODES = 8;

    private final Runnable pausePoint;
    private int nodes;

    GraphPauses(Runnable pausePoint) {
        this.pausePoint = pausePoint;
    }

    /// The C function, as long as the arena lives.
    MemorySegment callback(Arena arena) {
        try {
            MethodHandle handle = MethodHandles.lookup()
                    .bind(this, "onNode", MethodType.methodType(boolean.class, long.class, boolean.class, long.class));
            return Linker.nativeLinker()
                    .upcallStub(handle, FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_LONG, JAVA_BOOLEAN, JAVA_LONG), arena);
        } catch (ReflectiveOperationException e) {
            throw new LlamaException("no callback: " + e);
        }
    }

    /// `bool cb_eval(struct ggml_tensor * node, bool ask, void * argument)`
    @SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // called by the library, in its shape
    private boolean onNode(long node, boolean ask, long argument) {
        if (ask) {
            nodes = (nodes + 1) % NODES;
            return nodes == 0;
        }
        pausePoint.run();
        return true;
    }
}
