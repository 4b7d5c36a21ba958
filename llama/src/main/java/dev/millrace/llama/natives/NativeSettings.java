package dev.millrace.llama.natives;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where to look for llama.cpp. *Immutable.*
///
/// @param cache holds what was obtained, one directory per revision; made when needed
/// @param configured the user's own library directory, which then is the only one used
public record NativeSettings(Path cache, @Nullable Path configured, Platform platform) {}
