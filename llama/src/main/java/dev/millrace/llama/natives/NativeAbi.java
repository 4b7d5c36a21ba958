package dev.millrace.llama.natives;

/// The builds of llama.cpp whose structures and functions are tabulated. A library of any other build is refused.
public enum NativeAbi {
    /// Release 0.5.0 of September 2026, shared libraries with CPU variants chosen at run time.
    V0_5_0("llama.cpp 0.5.0", 64),
    /// Build 4916 of March 2025, one library with everything in it.
    B4916("llama.cpp b4916", 1);

    private final String title;
    private final int attentionTile;

    NativeAbi(String title, int attentionTile) {
        this.title = title;
        this.attentionTile = attentionTile;
    }

    /// For people: `llama.cpp 0.5.0`.
    public String title() {
        return title;
    }

    /// Tokens of a step from which its CPU kernels compute attention in tiles, and of such a tile; 1 if they never do.
    public int attentionTile() {
        return attentionTile;
    }
}
