package dev.millrace.protocol.openai;

import org.jspecify.annotations.Nullable;

/// The body of `POST /models`. *Immutable.*
///
/// @param model what to download: an address, or `org/repo[:file or quantisation][@revision]`
/// @param name what to call it; absent = after its file
/// @param sha256 what the file must have; absent = what the source states
/// @param await answers when the model is there or will not be, not when its download has begun
public record DownloadCommand(
        String model, @Nullable String name, @Nullable String sha256, boolean await) {}
