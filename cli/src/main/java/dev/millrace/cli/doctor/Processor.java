package dev.millrace.cli.doctor;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The processor as `/proc/cpuinfo` tells it. *Immutable.*
///
/// @param model its name; empty if unknown
/// @param features of those that llama.cpp has fast paths for, the ones this processor has
record Processor(String model, Set<String> features) {
    private static final List<String> INTERESTING = List.of(
            "sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "sve");

    /// Reads the text of `/proc/cpuinfo`.
    static Processor parse(String cpuinfo) {
        String model = "";
        Set<String> features = new LinkedHashSet<>();
        for (String line : cpuinfo.lines().toList()) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String value = line.substring(colon + 1).strip();
            switch (line.substring(0, colon).strip()) {
                case "model name" -> model = value;
                case "flags", "Features" -> {
                    Set<String> all = Set.of(value.split("\\s+"));
                    INTERESTING.stream().filter(all::contains).forEach(features::add);
                }
                default -> {}
            }
        }
        return new Processor(model, features);
    }
}
