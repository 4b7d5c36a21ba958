package dev.millrace.llama.natives;

import java.util.regex.Pattern;

/// The revisions of llama.cpp that Millrace runs on: the only place that names them. *Immutable.*
///
/// To move to another release: change these constants, make a new table in `dev.millrace.llama.ffm.AbiTable`, and
/// compare every function that is bound there with the new `llama.h`; names have kept while arguments changed.
final class PinnedLlamaCpp {
    /// The npm package of the prebuilt release, MIT.
    static final String NPM_PACKAGE = "@node-llama-cpp/linux-x64@3.22.1";

    /// SHA-512 of its archive, as the registry publishes it.
    static final String NPM_INTEGRITY =
            "sha512-5uCCDNqWCNfaAm8aR/Uzxbo4HBpKgNF91kCHPepKhgMgV2OAmatoefbOlMihsqCiH2Od35E/eUHQCFbfRBJuOg==";

    /// What is taken out of it.
    static final Pattern NPM_FILES = Pattern.compile(
            "package/(?:LICENSE|bins/linux-x64/(?:libllama\\.v0\\.5\\.0|libggml(?:-base|-cpu-[a-z0-9]+|\\.v0\\.5\\.0))\\.so)");

    /// The library of the release.
    static final String V0_5_0_FILE = "libllama.v0.5.0.so";

    /// The same in the sets for GPUs.
    static final Pattern V0_5_0_FILES = Pattern.compile("libllama(?:\\.[a-z]+)?\\.v0\\.5\\.0\\.so");

    /// The library inside the Maven artifact `de.kherud:llama:4.2.0`, MIT.
    static final String BUNDLED_RESOURCE = "de/kherud/llama/Linux/x86_64/libjllama.so";

    /// Its SHA-512.
    static final String BUNDLED_INTEGRITY =
            "sha512-HKAyRFyb9lZrKbejMBYkDJmJE6wVNI3dECxJBc0Buz2iS4drl6g0K58iIv5Mf19lq5f63OJ4tjE/hVXiunQ/eA==";

    /// Its file name.
    static final String B4916_FILE = "libjllama.so";

    /// The only platform both are built for.
    static final Platform PLATFORM = new Platform("linux", "x86_64");

    private PinnedLlamaCpp() {}
}
