package dev.millrace.cli.engines;

import dev.millrace.llama.natives.NativeAbi;

class LlamaWorkerV050ContractIT extends LlamaWorkerContract {
    LlamaWorkerV050ContractIT() {
        super(NativeAbi.V0_5_0);
    }
}
