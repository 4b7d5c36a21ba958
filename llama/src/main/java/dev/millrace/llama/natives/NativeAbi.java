package dev.millrace.llama.natives;

/// The builds of llama.cpp whose structures and functions are tabulated. A library of any other build is refused.
public enum NativeAbi {
    /// Release 0.5.0 of September 2026, shared libraries with CPU variants chosen at run time.
    V0_5_0("llama.cpp 0.5.0"),
    /// Build 4916 of March 2025, one library with everything in it.
    B4916("llama.cpp b4916");

    private final String title;

    NativeAbi(String title) {
        this.title = title;
    }

    /// For people: `llama.cpp 0.5.0`.
    public String title() {
        return title;
    }
}
