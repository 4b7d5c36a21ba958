"""Checks the exported file with llama.cpp itself: equal token ids, nearly equal logits, equal greedy answers.

The library is given as a folder: llama.cpp v0.5.0 shared libraries, or the libjllama.so of the Java binding 4.2.0 (b4916).
"""
from __future__ import annotations

import argparse
import ctypes
from ctypes import POINTER, c_bool, c_char_p, c_float, c_int32, c_uint32, c_uint64, c_void_p
from pathlib import Path

import numpy as np
import torch

from corpus import HERE, Knowledge, Writer
from evaluate import LONGEST_ANSWER, SETTINGS, answer_all, read_questions
from gguf_file import GgufFile
from model import Llama
from tokenizer import GgufTokenizer
from train import size_words

RANDOM_TEXTS = 400
SPECIAL_TEXTS = [
    "", " ", "  two  spaces ", "\n", "line\nline\r\n\ttab", " leading space", "trailing ", "1234567890", "3.14159e-10",
    "<|user|>forged<|end|>", "<s></s><unk>", "<|assistant|>", "<0x41>", "▁▁lower▁one▁eighth", "ünïcödé ß Ø", "漢字とかな",
    "привет мир", "مرحبا", "🙂👍🏽 family 👨‍👩‍👧", "a\u0301 combining", "\u200bzero width", "def f(x):\n    return x ** 2\n",
    "SELECT * FROM t WHERE a='b';", '{"a": [1, 2, {"b": null}]}', "http://127.0.0.1:8000/v1", "./millrace serve --port 9000",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "!?.,;:-_()[]{}<>|\\/@#$%^&*~`'\"+=", "Millrace" * 20, "\x01\x7f",
]


def by_value(size: int) -> type[ctypes.Structure]:
    """A C structure of which only the size matters."""
    return type(f"Opaque{size}", (ctypes.Structure,), {"_fields_": [("words", c_uint64 * (size // 8))]})


class LlamaCpp:
    def __init__(self, folder: Path, model: Path, context: int) -> None:
        newer = (folder / "libllama.v0.5.0.so").exists()
        self.library = ctypes.CDLL(str(folder / ("libllama.v0.5.0.so" if newer else "libjllama.so")))
        if newer:
            ggml = ctypes.CDLL(str(folder / "libggml.v0.5.0.so"))
            ggml.ggml_backend_load_all_from_path(str(folder).encode())
        self._silence()
        self._bind(model_size=80 if newer else 64, context_size=160 if newer else 120)
        lib = self.library
        lib.llama_backend_init()
        self.model = lib.llama_model_load_from_file(str(model).encode(), lib.llama_model_default_params())
        if not self.model:
            raise SystemExit("llama.cpp does not load the file")
        self.vocabulary = lib.llama_model_get_vocab(self.model)
        self.size = lib.llama_vocab_n_tokens(self.vocabulary)
        parameters = lib.llama_context_default_params()
        ctypes.cast(ctypes.pointer(parameters), POINTER(c_uint32))[0] = context
        self.context = lib.llama_init_from_model(self.model, parameters)
        lib.llama_set_n_threads(self.context, 1, 1)
        if newer:
            memory = lib.llama_get_memory(self.context)
            self.clear = lambda: lib.llama_memory_clear(memory, True)
        else:
            self.clear = lambda: lib.llama_kv_self_clear(self.context)

    def _silence(self) -> None:
        self._log = ctypes.CFUNCTYPE(None, ctypes.c_int, c_char_p, c_void_p)(lambda *_: None)
        self.library.llama_log_set(self._log, None)

    def _bind(self, model_size: int, context_size: int) -> None:
        model_parameters, context_parameters, batch = by_value(model_size), by_value(context_size), by_value(56)
        signatures = {
            "llama_model_default_params": (model_parameters, []),
            "llama_context_default_params": (context_parameters, []),
            "llama_model_load_from_file": (c_void_p, [c_char_p, model_parameters]),
            "llama_init_from_model": (c_void_p, [c_void_p, context_parameters]),
            "llama_model_get_vocab": (c_void_p, [c_void_p]),
            "llama_vocab_n_tokens": (c_int32, [c_void_p]),
            "llama_vocab_is_eog": (c_bool, [c_void_p, c_int32]),
            "llama_set_n_threads": (None, [c_void_p, c_int32, c_int32]),
            "llama_get_memory": (c_void_p, [c_void_p]),
            "llama_memory_clear": (None, [c_void_p, c_bool]),
            "llama_kv_self_clear": (None, [c_void_p]),
            "llama_tokenize": (c_int32, [c_void_p, c_char_p, c_int32, POINTER(c_int32), c_int32, c_bool, c_bool]),
            "llama_batch_get_one": (batch, [POINTER(c_int32), c_int32]),
            "llama_decode": (c_int32, [c_void_p, batch]),
            "llama_get_logits_ith": (POINTER(c_float), [c_void_p, c_int32]),
        }
        for name, (result, arguments) in signatures.items():
            if hasattr(self.library, name):
                function = getattr(self.library, name)
                function.restype, function.argtypes = result, arguments

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        data = text.encode()
        ids = (c_int32 * (len(data) + 8))()
        count = self.library.llama_tokenize(self.vocabulary, data, len(data), ids, len(ids), special, special)
        return list(ids[:count])

    def logits(self, ids: list[int]) -> np.ndarray:
        """Feeds the ids and gives the logits after the last of them."""
        tokens = (c_int32 * len(ids))(*ids)
        if self.library.llama_decode(self.context, self.library.llama_batch_get_one(tokens, len(ids))) != 0:
            raise SystemExit("llama_decode failed")
        return np.ctypeslib.as_array(self.library.llama_get_logits_ith(self.context, -1), (self.size,)).copy()

    def answer(self, prompt: list[int]) -> list[int]:
        self.clear()
        answer: list[int] = []
        token = int(self.logits(prompt).argmax())
        while not self.library.llama_vocab_is_eog(self.vocabulary, token) and len(answer) < LONGEST_ANSWER:
            answer.append(token)
            token = int(self.logits([token]).argmax())
        return answer


def check_tokens(llama: LlamaCpp, tokenizer: GgufTokenizer, texts: list[str]) -> bool:
    differing = [text for text in texts if llama.tokenize(text) != tokenizer.encode(text)]
    chat = "<|system|>Be brief.<|end|><|user|>Hi there<|end|><|assistant|>"
    same_chat = llama.tokenize(chat, special=True) == tokenizer.prompt([("system", "Be brief."), ("user", "Hi there")])
    print(f"token ids: {len(texts) - len(differing)} of {len(texts)} texts equal; chat with role marks equal: {same_chat}")
    for text in differing[:5]:
        print(f"  differs: {text!r}: {llama.tokenize(text)} here {tokenizer.encode(text)}")
    return same_chat and not differing


@torch.no_grad()
def check_logits(llama: LlamaCpp, model: Llama, prompts: list[list[int]]) -> None:
    worst, spread = 0.0, 0.0
    for prompt in prompts:
        llama.clear()
        expected = model.output(model.hidden(torch.tensor([prompt]))[0, -1]).numpy()
        worst = max(worst, float(np.abs(llama.logits(prompt) - expected).max()))
        spread = max(spread, float(expected.max() - expected.min()))
    print(f"logits after {len(prompts)} prompts: largest difference {worst:.3f}, range {spread:.1f}")


def check_answers(llama: LlamaCpp, model: Llama, tokenizer: GgufTokenizer, prompts: list[list[int]], show: int) -> bool:
    expected, got = answer_all(model, prompts), [llama.answer(prompt) for prompt in prompts]
    same = sum(a == b for a, b in zip(expected, got))
    print(f"greedy answers: {same} of {len(prompts)} equal")
    step = max(1, len(prompts) // show) if show else len(prompts)
    for prompt, answer in list(zip(prompts, got))[::step][:show]:
        print(f"  {tokenizer.decode(prompt)!r}\n    -> {tokenizer.decode(answer)}")
    return same >= 0.97 * len(prompts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("library", type=Path, help="the folder of the shared libraries")
    parser.add_argument("--show", type=int, default=0, help="print so many answers")
    arguments = parser.parse_args()
    file = GgufFile(arguments.model)
    model, tokenizer = file.model(), GgufTokenizer(file.metadata)
    llama = LlamaCpp(arguments.library, arguments.model, model.shape.context)

    writer = Writer(Knowledge(size_words(model.shape)), seed=77)
    texts = SPECIAL_TEXTS + [writer.turn(writer.topic()).question for _ in range(RANDOM_TEXTS)]
    prompts = [tokenizer.prompt([*before, ("user", question.text)])
               for before in list(SETTINGS.values())[::2]
               for question in read_questions(HERE / "eval_questions.tsv")]
    passed = check_tokens(llama, tokenizer, texts)
    check_logits(llama, model, prompts[::8])
    passed &= check_answers(llama, model, tokenizer, prompts, arguments.show)
    raise SystemExit(0 if passed else "llama.cpp disagrees")


if __name__ == "__main__":
    main()
