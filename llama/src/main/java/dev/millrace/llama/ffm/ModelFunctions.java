package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;

/// `llama_model_*`: loading and describing a model. *Immutable.*
@SuppressWarnings("MemberName") // C names, so that llama.h can be searched for them
final class ModelFunctions {
    private final MethodHandle defaultParams;
    private final MethodHandle load;
    private final MethodHandle free;
    private final MethodHandle vocab;
    private final MethodHandle contextTrained;
    private final MethodHandle desc;
    private final MethodHandle size;
    private final MethodHandle parameters;
    private final MethodHandle chatTemplate;
    private final MethodHandle layers;
    private final MethodHandle embedding;
    private final MethodHandle heads;
    private final MethodHandle kvHeads;
    private final MethodHandle metadata;
    private final MethodHandle vector;

    ModelFunctions(NativeFunctions functions, AbiTable abi) {
        var params = abi.modelParams().layout();
        var intOfModel = FunctionDescriptor.of(JAVA_INT, ADDRESS);
        var longOfModel = FunctionDescriptor.of(JAVA_LONG, ADDRESS);
        defaultParams = functions.find("llama_model_default_params", FunctionDescriptor.of(params));
        load = functions.find("llama_model_load_from_file", FunctionDescriptor.of(ADDRESS, ADDRESS, params));
        free = functions.find("llama_model_free", FunctionDescriptor.ofVoid(ADDRESS));
        vocab = functions.find("llama_model_get_vocab", FunctionDescriptor.of(ADDRESS, ADDRESS));
        contextTrained = functions.find("llama_model_n_ctx_train", intOfModel);
        layers = functions.find("llama_model_n_layer", intOfModel);
        embedding = functions.find("llama_model_n_embd", intOfModel);
        heads = functions.find("llama_model_n_head", intOfModel);
        kvHeads = functions.find("llama_model_n_head_kv", intOfModel);
        // What a model puts out need not be as wide as what is inside; b4916 does not tell the two apart.
        vector = functions.exports("llama_model_n_embd_out")
                ? functions.find("llama_model_n_embd_out", intOfModel)
                : embedding;
        metadata = functions.find(
                "llama_model_meta_val_str", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
        desc = functions.find("llama_model_desc", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
        size = functions.find("llama_model_size", longOfModel);
        parameters = functions.find("llama_model_n_params", longOfModel);
        chatTemplate = functions.find("llama_model_chat_template", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    }

    MemorySegment llama_model_default_params(SegmentAllocator allocator) {
        try {
            return (MemorySegment) defaultParams.invokeExact(allocator);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    MemorySegment llama_model_load_from_file(MemorySegment path, MemorySegment params) {
        try {
            return (MemorySegment) load.invokeExact(path, params);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    void llama_model_free(MemorySegment model) {
        try {
            free.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    MemorySegment llama_model_get_vocab(MemorySegment model) {
        try {
            return (MemorySegment) vocab.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_n_ctx_train(MemorySegment model) {
        try {
            return (int) contextTrained.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_n_layer(MemorySegment model) {
        try {
            return (int) layers.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_n_embd(MemorySegment model) {
        try {
            return (int) embedding.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_n_embd_out(MemorySegment model) {
        try {
            return (int) vector.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    /// Returns the length of the value, or -1 if there is none.
    int llama_model_meta_val_str(MemorySegment model, MemorySegment key, MemorySegment buffer, long bytes) {
        try {
            return (int) metadata.invokeExact(model, key, buffer, bytes);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_n_head(MemorySegment model) {
        try {
            return (int) heads.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_n_head_kv(MemorySegment model) {
        try {
            return (int) kvHeads.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_model_desc(MemorySegment model, MemorySegment buffer, long bytes) {
        try {
            return (int) desc.invokeExact(model, buffer, bytes);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    long llama_model_size(MemorySegment model) {
        try {
            return (long) size.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    long llama_model_n_params(MemorySegment model) {
        try {
            return (long) parameters.invokeExact(model);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    MemorySegment llama_model_chat_template(MemorySegment model, MemorySegment name) {
        try {
            return (MemorySegment) chatTemplate.invokeExact(model, name);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }
}
