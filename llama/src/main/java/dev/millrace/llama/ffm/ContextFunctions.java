package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// Contexts, decoding, and the KV cache under the name it has in the build. *Immutable.*
@SuppressWarnings("MemberName") // C names, so that llama.h can be searched for them
final class ContextFunctions {
    /// `llama_batch`, the same in both builds: n_tokens@0 token@8 embd@16 pos@24 n_seq_id@32 seq_id@40 logits@48.
    static final StructLayout BATCH =
            MemoryLayout.structLayout(MemoryLayout.sequenceLayout(7, JAVA_LONG)).withName("llama_batch");

    private final MethodHandle defaultParams;
    private final MethodHandle init;
    private final MethodHandle free;
    private final MethodHandle contextTokens;
    private final MethodHandle decode;
    private final MethodHandle synchronize;
    private final MethodHandle logits;
    private final MethodHandle embeddings;
    private final MethodHandle threads;
    private final MethodHandle sequenceRemove;
    private final MethodHandle sequenceCopy;
    private final MethodHandle sequenceLast;
    private final MethodHandle clear;
    private final MethodHandle stateSize;
    private final MethodHandle stateGet;
    private final MethodHandle stateSet;
    private final @Nullable MethodHandle memory;
    private final boolean clearTakesFlag;

    ContextFunctions(NativeFunctions functions, AbiTable abi) {
        var params = abi.contextParams().layout();
        var ofContext = FunctionDescriptor.ofVoid(ADDRESS);
        defaultParams = functions.find("llama_context_default_params", FunctionDescriptor.of(params));
        init = functions.find("llama_init_from_model", FunctionDescriptor.of(ADDRESS, ADDRESS, params));
        free = functions.find("llama_free", ofContext);
        contextTokens = functions.find("llama_n_ctx", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        decode = functions.find("llama_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, BATCH));
        synchronize = functions.find("llama_synchronize", ofContext);
        // The pointer comes back as a number: a segment object per token would be garbage per token.
        logits = functions.find("llama_get_logits_ith", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
        embeddings = functions.find("llama_get_embeddings_ith", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
        threads = functions.find("llama_set_n_threads", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT));
        String prefix = abi.memoryPrefix();
        sequenceRemove = functions.find(
                prefix + "seq_rm", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT));
        sequenceCopy = functions.find(
                prefix + "seq_cp", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        sequenceLast = functions.find(prefix + "seq_pos_max", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        stateSize = functions.find("llama_state_seq_get_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT));
        var ofState = FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
        stateGet = functions.find("llama_state_seq_get_data", ofState);
        stateSet = functions.find("llama_state_seq_set_data", ofState);
        clearTakesFlag = !abi.memoryIsContext();
        clear = functions.find(
                prefix + "clear", clearTakesFlag ? FunctionDescriptor.ofVoid(ADDRESS, JAVA_BOOLEAN) : ofContext);
        memory = abi.memoryIsContext()
                ? null
                : functions.find("llama_get_memory", FunctionDescriptor.of(ADDRESS, ADDRESS));
    }

    MemorySegment llama_context_default_params(SegmentAllocator allocator) {
        try {
            return (MemorySegment) defaultParams.invokeExact(allocator);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    MemorySegment llama_init_from_model(MemorySegment model, MemorySegment params) {
        try {
            return (MemorySegment) init.invokeExact(model, params);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    void llama_free(MemorySegment context) {
        try {
            free.invokeExact(context);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_n_ctx(MemorySegment context) {
        try {
            return (int) contextTokens.invokeExact(context);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    /// What the KV functions take as their first argument.
    MemorySegment llama_get_memory(MemorySegment context) {
        if (memory == null) {
            return context;
        }
        try {
            return (MemorySegment) memory.invokeExact(context);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_decode(MemorySegment context, MemorySegment batch) {
        try {
            return (int) decode.invokeExact(context, batch);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    void llama_synchronize(MemorySegment context) {
        try {
            synchronize.invokeExact(context);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    long llama_get_logits_ith(MemorySegment context, int index) {
        try {
            return (long) logits.invokeExact(context, index);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    long llama_get_embeddings_ith(MemorySegment context, int index) {
        try {
            return (long) embeddings.invokeExact(context, index);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    void llama_set_n_threads(MemorySegment context, int decodeThreads, int prefillThreads) {
        try {
            threads.invokeExact(context, decodeThreads, prefillThreads);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    boolean seq_rm(MemorySegment kv, int sequence, int from, int to) {
        try {
            return (boolean) sequenceRemove.invokeExact(kv, sequence, from, to);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    void seq_cp(MemorySegment kv, int source, int target, int from, int to) {
        try {
            sequenceCopy.invokeExact(kv, source, target, from, to);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int seq_pos_max(MemorySegment kv, int sequence) {
        try {
            return (int) sequenceLast.invokeExact(kv, sequence);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    long llama_state_seq_get_size(MemorySegment context, int sequence) {
        try {
            return (long) stateSize.invokeExact(context, sequence);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    /// Returns the bytes written.
    long llama_state_seq_get_data(MemorySegment context, MemorySegment target, long size, int sequence) {
        try {
            return (long) stateGet.invokeExact(context, target, size, sequence);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    /// Returns the bytes read, 0 if there was no room.
    long llama_state_seq_set_data(MemorySegment context, MemorySegment source, long size, int sequence) {
        try {
            return (long) stateSet.invokeExact(context, source, size, sequence);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    void clear(MemorySegment kv) {
        try {
            if (clearTakesFlag) {
                clear.invokeExact(kv, false);
            } else {
                clear.invokeExact(kv);
            }
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }
}
