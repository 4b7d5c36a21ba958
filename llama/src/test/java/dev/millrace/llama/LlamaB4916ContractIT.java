package dev.millrace.llama;

import dev.millrace.llama.natives.NativeAbi;

class LlamaB4916ContractIT extends LlamaContract {
    LlamaB4916ContractIT() {
        super(NativeAbi.B4916, false);
    }
}
