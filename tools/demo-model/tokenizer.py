"""The vocabulary: byte-pair pieces with byte fallback, in the form that llama.cpp's SPM tokenizer merges alike."""
from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Iterable

import sentencepiece

from corpus import Conversation

VOCAB_SIZE = 4096
UNK, BOS, EOS, SYSTEM, USER, ASSISTANT, END = range(7)
CONTROL = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
# Token types of GGUF.
NORMAL_TYPE, UNKNOWN_TYPE, CONTROL_TYPE, BYTE_TYPE = 1, 2, 3, 6

# Each message is trimmed and stands between its role and the end token; no blanks, no line breaks.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'system' or message['role'] == 'developer' -%}{{ '<|system|>' }}"
    "{%- elif message['role'] == 'assistant' -%}{{ '<|assistant|>' }}"
    "{%- else -%}{{ '<|user|>' }}{%- endif -%}"
    "{{ message['content'] | trim }}{{ '<|end|>' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)


@dataclass
class Row:
    """Token ids, for each whether the model shall learn to write it, and where which topic is asked for."""

    ids: list[int] = field(default_factory=list)
    learn: list[bool] = field(default_factory=list)
    topics: list[tuple[int, str]] = field(default_factory=list)

    def cut(self, length: int) -> Row:
        return Row(self.ids[:length], self.learn[:length], [mark for mark in self.topics if mark[0] < length - 1])

    def add(self, ids: list[int], learn: bool) -> None:
        self.ids += ids
        self.learn += [learn] * len(ids)


class Tokenizer:
    def __init__(self, model: bytes) -> None:
        self.pieces = sentencepiece.SentencePieceProcessor(model_proto=model)

    @classmethod
    def train(cls, texts: Iterable[str]) -> Tokenizer:
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_writer=model, model_type="bpe", vocab_size=VOCAB_SIZE,
            byte_fallback=True, character_coverage=0.9999, required_chars="".join(map(chr, range(33, 127))),
            control_symbols=CONTROL, normalization_rule_name="identity", add_dummy_prefix=False,
            remove_extra_whitespaces=False, split_digits=True, num_threads=1, minloglevel=2,
        )
        return cls(model.getvalue())

    def encode(self, text: str, dropout: float = 0.0) -> list[int]:
        """Ids of plain text. With dropout some merges are left out, which teaches other spellings of a word."""
        if dropout > 0:
            return self.pieces.encode(text, enable_sampling=True, alpha=dropout, nbest_size=-1)
        return self.pieces.encode(text)

    def row(self, conversation: Conversation, with_bos: bool = True, dropout: float = 0.0) -> Row:
        row = Row()
        if with_bos:
            row.add([BOS], False)
        if conversation.plain is not None:
            row.add(self.encode(conversation.plain) + [END], True)
            return row
        if conversation.system is not None:
            row.add([SYSTEM, *self.encode(conversation.system, dropout), END], False)
        for turn in conversation.turns:
            row.add([USER, *self.encode(turn.question.strip(), dropout), END, ASSISTANT], False)
            row.topics.append((len(row.ids) - 1, turn.topic))
            row.add([*self.encode(turn.answer), END], turn.learn)
        return row

    def vocabulary(self) -> tuple[list[str], list[float], list[int]]:
        """Pieces, scores and types as GGUF stores them."""
        size = self.pieces.get_piece_size()
        pieces = [self.pieces.id_to_piece(i) for i in range(size)]
        scores = [self.pieces.get_score(i) for i in range(size)]
        return pieces, scores, [self._type(i) for i in range(size)]

    def _type(self, token: int) -> int:
        if self.pieces.is_unknown(token):
            return UNKNOWN_TYPE
        if self.pieces.is_control(token):
            return CONTROL_TYPE
        return BYTE_TYPE if self.pieces.is_byte(token) else NORMAL_TYPE


class GgufTokenizer:
    """Reads text as llama.cpp does with the vocabulary of a GGUF file: the neighbours with the best score merge first."""

    def __init__(self, metadata: dict) -> None:
        self.tokens: list[str] = metadata["tokenizer.ggml.tokens"]
        self.scores: list[float] = metadata["tokenizer.ggml.scores"]
        self.types: list[int] = metadata["tokenizer.ggml.token_type"]
        self.ids = {token: i for i, token in enumerate(self.tokens) if self.types[i] == NORMAL_TYPE}
        self.bytes = {int(token[1:-1], 16): i for i, token in enumerate(self.tokens) if self.types[i] == BYTE_TYPE}

    def encode(self, text: str) -> list[int]:
        symbols = list(text.replace(" ", "▁"))
        while True:
            best, at = float("-inf"), -1
            for index in range(len(symbols) - 1):
                token = self.ids.get(symbols[index] + symbols[index + 1])
                if token is not None and self.scores[token] > best:
                    best, at = self.scores[token], index
            if at < 0:
                return [token for symbol in symbols for token in self._symbol(symbol)]
            symbols[at: at + 2] = [symbols[at] + symbols[at + 1]]

    def _symbol(self, symbol: str) -> list[int]:
        if symbol in self.ids:
            return [self.ids[symbol]]
        return [self.bytes[byte] for byte in symbol.encode()]

    def decode(self, ids: list[int]) -> str:
        data = b""
        for token in ids:
            if self.types[token] == BYTE_TYPE:
                data += bytes([int(self.tokens[token][1:-1], 16)])
            elif self.types[token] == NORMAL_TYPE:
                data += self.tokens[token].replace("▁", " ").encode()
        return data.decode(errors="replace")

    def prompt(self, messages: list[tuple[str, str]]) -> list[int]:
        """What the chat template makes of the messages, ready for the answer."""
        roles = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}
        ids = [BOS]
        for role, content in messages:
            ids += [roles[role], *self.encode(content.strip()), END]
        return ids + [ASSISTANT]
