package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// `llama_vocab_*`, `llama_tokenize` and `llama_token_to_piece`. *Immutable.*
///
/// A token id out of range makes several of them throw a C++ exception, which ends the process: check ids before.
@SuppressWarnings("MemberName") // C names, so that llama.h can be searched for them
final class VocabFunctions {
    private final MethodHandle size;
    private final MethodHandle text;
    private final MethodHandle attributes;
    private final MethodHandle endOfGeneration;
    private final MethodHandle bos;
    private final MethodHandle eos;
    private final MethodHandle addBos;
    private final MethodHandle tokenize;
    private final MethodHandle piece;

    VocabFunctions(NativeFunctions functions) {
        var intOfVocab = FunctionDescriptor.of(JAVA_INT, ADDRESS);
        size = functions.find("llama_vocab_n_tokens", intOfVocab);
        text = functions.find("llama_vocab_get_text", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
        attributes = functions.find("llama_vocab_get_attr", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        endOfGeneration = functions.find("llama_vocab_is_eog", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT));
        bos = functions.find("llama_vocab_bos", intOfVocab);
        eos = functions.find("llama_vocab_eos", intOfVocab);
        addBos = functions.find("llama_vocab_get_add_bos", FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS));
        tokenize = functions.find(
                "llama_tokenize",
                FunctionDescriptor.of(
                        JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_BOOLEAN, JAVA_BOOLEAN));
        piece = functions.find(
                "llama_token_to_piece",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_BOOLEAN));
    }

    int llama_vocab_n_tokens(MemorySegment vocab) {
        try {
            return (int) size.invokeExact(vocab);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    MemorySegment llama_vocab_get_text(MemorySegment vocab, int token) {
        try {
            return (MemorySegment) text.invokeExact(vocab, token);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_vocab_get_attr(MemorySegment vocab, int token) {
        try {
            return (int) attributes.invokeExact(vocab, token);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    boolean llama_vocab_is_eog(MemorySegment vocab, int token) {
        try {
            return (boolean) endOfGeneration.invokeExact(vocab, token);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_vocab_bos(MemorySegment vocab) {
        try {
            return (int) bos.invokeExact(vocab);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_vocab_eos(MemorySegment vocab) {
        try {
            return (int) eos.invokeExact(vocab);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    boolean llama_vocab_get_add_bos(MemorySegment vocab) {
        try {
            return (boolean) addBos.invokeExact(vocab);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_tokenize(
            MemorySegment vocab,
            MemorySegment utf8,
            int bytes,
            MemorySegment tokens,
            int capacity,
            boolean addSpecial,
            boolean parseSpecial) {
        try {
            return (int) tokenize.invokeExact(vocab, utf8, bytes, tokens, capacity, addSpecial, parseSpecial);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    int llama_token_to_piece(
            MemorySegment vocab, int token, MemorySegment buffer, int bytes, int strip, boolean special) {
        try {
            return (int) piece.invokeExact(vocab, token, buffer, bytes, strip, special);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }
}
