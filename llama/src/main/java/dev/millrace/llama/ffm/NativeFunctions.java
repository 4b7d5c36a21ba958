package dev.millrace.llama.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// Finds C functions and makes handles of them. *Immutable.*
///
/// The handles are instance fields of the `*Functions` classes, not static constants, because two builds may be
/// open in one process. The call is then not inlined, which costs nanoseconds; a decode step takes from half a
/// millisecond up.
record NativeFunctions(SymbolLookup symbols) {
    /// A handle for `name`.
    ///
    /// @throws LlamaException if the library does not export it
    MethodHandle find(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker()
                .downcallHandle(
                        symbols.find(name)
                                .orElseThrow(() -> new LlamaException(
                                        "the llama.cpp library does not export " + name + ": not a supported build")),
                        descriptor);
    }

    boolean exports(String name) {
        return symbols.find(name).isPresent();
    }

    /// What to throw when a handle call throws, which it does only if its descriptor is wrong.
    static LinkageError broken(Throwable cause) {
        return new LinkageError("native call failed", cause);
    }
}
