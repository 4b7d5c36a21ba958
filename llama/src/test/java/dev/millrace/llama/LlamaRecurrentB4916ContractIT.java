package dev.millrace.llama;

import dev.millrace.llama.natives.NativeAbi;

class LlamaRecurrentB4916ContractIT extends LlamaContract {
    LlamaRecurrentB4916ContractIT() {
        super(NativeAbi.B4916, true);
    }
}
