package dev.millrace.llama;

import dev.millrace.llama.natives.NativeAbi;

class LlamaV050ContractIT extends LlamaContract {
    LlamaV050ContractIT() {
        super(NativeAbi.V0_5_0, false);
    }
}
