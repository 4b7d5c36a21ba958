package dev.millrace.llama.natives;

import java.util.Locale;

/// An operating system and a processor, by one name each. *Immutable.*
///
/// @param system `linux`, `mac` or what Java calls it
/// @param processor `x86_64`, `aarch64` or what Java calls it
public record Platform(String system, String processor) {
    /// Reads the values of the system properties `os.name` and `os.arch`.
    public static Platform of(String osName, String osArch) {
        String system = osName.toLowerCase(Locale.ROOT);
        String processor = osArch.toLowerCase(Locale.ROOT);
        return new Platform(system, processor.equals("amd64") ? "x86_64" : processor);
    }

    @Override
    public String toString() {
        return system + " " + processor;
    }
}
