package dev.millrace.llama.ffm;

import dev.millrace.llama.natives.NativeAbi;

/// What differs between the supported builds: structures, names of the KV functions, limits. *Immutable.*
///
/// @param memoryPrefix prefix of the functions that edit the KV cache
/// @param memoryIsContext they take the context itself rather than what `llama_get_memory` returns
/// @param maxSequences most KV sequences of one context
/// @param version what `llama_version()` must start with; empty if the build has no such function
/// @param needsRuns the tokens of one decode must find free cells in one run; scattered ones are not used
/// @param noRoomCode what `llama_decode` returns when the KV cache has no room
record AbiTable(
        StructTable modelParams,
        StructTable contextParams,
        String memoryPrefix,
        boolean memoryIsContext,
        int maxSequences,
        String version,
        boolean needsRuns,
        int noRoomCode) {

    static AbiTable of(NativeAbi abi) {
        return switch (abi) {
            case V0_5_0 ->
                new AbiTable(
                        MODEL_PARAMS_V0_5_0, CONTEXT_PARAMS_V0_5_0, "llama_memory_", false, 256, "0.5.0", false, 1);
            case B4916 ->
                new AbiTable(MODEL_PARAMS_B4916, CONTEXT_PARAMS_B4916, "llama_kv_self_", true, 64, "", true, -3);
        };
    }

    private static final StructTable MODEL_PARAMS_V0_5_0 = StructTable.parse("llama_model_params", 80, """
            devices@0 ptr 0
            tensor_buft_overrides@8 ptr 0
            n_gpu_layers@16 i32 -1
            split_mode@20 i32 1
            load_mode@24 i32 -1
            lazy_mode@28 i32 1
            main_gpu@32 i32 0
            tensor_split@40 ptr 0
            progress_callback@48 ptr 0
            progress_callback_user_data@56 ptr 0
            kv_overrides@64 ptr 0
            vocab_only@72 bool 0
            check_tensors@73 bool 0
            use_extra_bufts@74 bool 1
            no_host@75 bool 0
            no_alloc@76 bool 0
            load_mtp@77 bool 0
            """);

    private static final StructTable CONTEXT_PARAMS_V0_5_0 = StructTable.parse("llama_context_params", 160, """
            n_ctx@0 i32 512
            n_batch@4 i32 2048
            n_ubatch@8 i32 512
            n_seq_max@12 i32 1
            n_rs_seq@16 i32 0
            n_outputs_max@20 i32 0
            n_outputs_max_per_seq@24 i32 1
            n_threads@28 i32 4
            n_threads_batch@32 i32 4
            ctx_type@36 i32 0
            rope_scaling_type@40 i32 -1
            pooling_type@44 i32 -1
            attention_type@48 i32 -1
            flash_attn_type@52 i32 -1
            rope_freq_base@56 f32 0
            rope_freq_scale@60 f32 0
            yarn_ext_factor@64 f32 -1
            yarn_attn_factor@68 f32 -1
            yarn_beta_fast@72 f32 -1
            yarn_beta_slow@76 f32 -1
            yarn_orig_ctx@80 i32 0
            defrag_thold@84 f32 -1
            cb_eval@88 ptr 0
            cb_eval_user_data@96 ptr 0
            type_k@104 i32 1
            type_v@108 i32 1
            abort_callback@112 ptr 0
            abort_callback_data@120 ptr 0
            embeddings@128 bool 0
            offload_kqv@129 bool 1
            no_perf@130 bool 1
            op_offload@131 bool 1
            swa_full@132 bool 1
            kv_unified@133 bool 0
            samplers@136 ptr 0
            n_samplers@144 ptr 0
            ctx_other@152 ptr 0
            """);

    private static final StructTable MODEL_PARAMS_B4916 = StructTable.parse("llama_model_params", 64, """
            devices@0 ptr 0
            n_gpu_layers@8 i32 0
            split_mode@12 i32 1
            main_gpu@16 i32 0
            tensor_split@24 ptr 0
            progress_callback@32 ptr 0
            progress_callback_user_data@40 ptr 0
            kv_overrides@48 ptr 0
            vocab_only@56 bool 0
            use_mmap@57 bool 1
            use_mlock@58 bool 0
            check_tensors@59 bool 0
            """);

    private static final StructTable CONTEXT_PARAMS_B4916 = StructTable.parse("llama_context_params", 120, """
            n_ctx@0 i32 512
            n_batch@4 i32 2048
            n_ubatch@8 i32 512
            n_seq_max@12 i32 1
            n_threads@16 i32 4
            n_threads_batch@20 i32 4
            rope_scaling_type@24 i32 -1
            pooling_type@28 i32 -1
            attention_type@32 i32 -1
            rope_freq_base@36 f32 0
            rope_freq_scale@40 f32 0
            yarn_ext_factor@44 f32 -1
            yarn_attn_factor@48 f32 1
            yarn_beta_fast@52 f32 32
            yarn_beta_slow@56 f32 1
            yarn_orig_ctx@60 i32 0
            defrag_thold@64 f32 -1
            cb_eval@72 ptr 0
            cb_eval_user_data@80 ptr 0
            type_k@88 i32 1
            type_v@92 i32 1
            logits_all@96 bool 0
            embeddings@97 bool 0
            offload_kqv@98 bool 1
            flash_attn@99 bool 0
            no_perf@100 bool 1
            abort_callback@104 ptr 0
            abort_callback_data@112 ptr 0
            """);
}
