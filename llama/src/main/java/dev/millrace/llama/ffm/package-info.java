/// llama.cpp through `java.lang.foreign`, in two layers. `*Functions` are the C functions by their C names, without
/// logic. Above them [dev.millrace.llama.ffm.LlamaLibrary], [dev.millrace.llama.ffm.LlamaModel],
/// [dev.millrace.llama.ffm.LlamaVocab] and [dev.millrace.llama.ffm.LlamaContext] own native objects: each is
/// closeable and counted, a failed constructor frees what it took, return codes become values or exceptions, and no
/// address leaves the package.
///
/// Structures passed by value are opaque words here: on x86-64 a structure of more than 16 bytes is copied to the
/// stack as it is, so only size and alignment matter. Offsets come from [dev.millrace.llama.ffm.AbiTable], one per
/// build, and are compared with what the library's own `*_default_params()` return before anything else is called.
@NullMarked
package dev.millrace.llama.ffm;

import org.jspecify.annotations.NullMarked;
