package dev.millrace.llama.natives;

import java.nio.file.Path;

/// A llama.cpp library on disk. *Immutable.*
///
/// @param directory holds the library and the files it loads by itself
/// @param file the library that exports `llama_*`
/// @param description for people: `llama.cpp 0.5.0 (npm)`
public record NativeLibrary(NativeAbi abi, Path directory, Path file, String description) {}
