package dev.millrace.llama;

import dev.millrace.llama.natives.NativeAbi;

class LlamaRecurrentV050ContractIT extends LlamaContract {
    LlamaRecurrentV050ContractIT() {
        super(NativeAbi.V0_5_0, true);
    }
}
