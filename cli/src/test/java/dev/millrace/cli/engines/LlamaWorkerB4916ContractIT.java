package dev.millrace.cli.engines;

import dev.millrace.llama.natives.NativeAbi;

class LlamaWorkerB4916ContractIT extends LlamaWorkerContract {
    LlamaWorkerB4916ContractIT() {
        super(NativeAbi.B4916);
    }
}
