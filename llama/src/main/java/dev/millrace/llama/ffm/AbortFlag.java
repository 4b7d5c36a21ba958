package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// Ends a running decode. *Thread-safe.*
///
/// llama.cpp asks `bool abort_callback(void *)` between any two nodes of its graph, hundreds of times a step. The C
/// library's own `strlen` answers: of the string "" it says 0, of a string of one character it says 1, and writing
/// that one character aborts. So the question costs no call into Java.
final class AbortFlag {
    private static final VarHandle BYTE = JAVA_BYTE.varHandle();

    // Never freed before the last reference from Java is gone, so a late abort writes to live memory.
    private final MemorySegment string = Arena.ofAuto().allocate(2);

    MemorySegment callback() {
        return Linker.nativeLinker()
                .defaultLookup()
                .find("strlen")
                .orElseThrow(() -> new LlamaException("the C library does not export strlen"));
    }

    MemorySegment argument() {
        return string;
    }

    void set(boolean abort) {
        BYTE.setVolatile(string, 0L, (byte) (abort ? 1 : 0));
    }
}
