package dev.millrace.llama.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Part of a sequence's KV on its way from one context to another. *Not thread-safe*: threads hand it over.
public final class KvBlock {
    private MemorySegment memory = MemorySegment.NULL;
    private long size;

    /// Room for at least `bytes`; what was in it is lost.
    MemorySegment room(long bytes) {
        if (memory.byteSize() < bytes) {
            memory = Arena.ofAuto().allocate(bytes);
        }
        return memory;
    }

    void filled(long bytes) {
        size = bytes;
    }

    MemorySegment memory() {
        return memory;
    }

    long size() {
        return size;
    }
}
