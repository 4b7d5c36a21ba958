"""Writes and reads the GGUF file."""
from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from model import Llama, Shape
from tokenizer import BOS, CHAT_TEMPLATE, END, UNK, Tokenizer

ALIGNMENT = 32
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
FORMATS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}
F32, Q8_0 = 0, 8
MOSTLY_Q8_0 = 7
BLOCK = 32
DESCRIPTION = ("A tiny demo model that answers questions about Millrace and nothing else. "
               "It shows that the server works; it is not meant for real use.")


def export(path: Path, model: Llama, tokenizer: Tokenizer) -> None:
    """Matrices in Q8_0, norms in F32."""
    entries = _entries(model.shape, tokenizer)
    tensors = [(name, weight.detach().numpy()) for name, weight in model.named_parameters()]
    encoded = [(name, data.shape, _quantise(data) if data.ndim == 2 else data.astype("<f4").tobytes(),
                Q8_0 if data.ndim == 2 else F32) for name, data in tensors]
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(encoded), len(entries)))
        for key, kind, value in entries:
            file.write(_string(key) + struct.pack("<I", kind) + _value(kind, value))
        offset = 0
        for name, shape, data, kind in encoded:
            file.write(_string(name) + struct.pack("<I", len(shape)))
            file.write(b"".join(struct.pack("<Q", size) for size in reversed(shape)))
            file.write(struct.pack("<IQ", kind, offset))
            offset += len(data) + -len(data) % ALIGNMENT
        file.write(bytes(-file.tell() % ALIGNMENT))
        for _, _, data, _ in encoded:
            file.write(data + bytes(-len(data) % ALIGNMENT))


def _entries(shape: Shape, tokenizer: Tokenizer) -> list[tuple[str, int, Any]]:
    pieces, scores, types = tokenizer.vocabulary()
    return [
        ("general.architecture", STRING, "llama"),
        ("general.name", STRING, "Millrace demo"),
        ("general.description", STRING, DESCRIPTION),
        ("general.license", STRING, "apache-2.0"),
        ("general.languages", ARRAY, (STRING, ["en"])),
        ("general.alignment", UINT32, ALIGNMENT),
        ("general.file_type", UINT32, MOSTLY_Q8_0),
        ("general.quantization_version", UINT32, 2),
        ("llama.vocab_size", UINT32, shape.vocab),
        ("llama.context_length", UINT32, shape.context),
        ("llama.embedding_length", UINT32, shape.width),
        ("llama.block_count", UINT32, shape.layers),
        ("llama.feed_forward_length", UINT32, shape.feed_forward),
        ("llama.rope.dimension_count", UINT32, shape.head_width),
        ("llama.rope.freq_base", FLOAT32, shape.rope_base),
        ("llama.attention.head_count", UINT32, shape.heads),
        ("llama.attention.head_count_kv", UINT32, shape.kv_heads),
        ("llama.attention.layer_norm_rms_epsilon", FLOAT32, shape.norm_epsilon),
        ("tokenizer.ggml.model", STRING, "llama"),
        ("tokenizer.ggml.pre", STRING, "default"),
        ("tokenizer.ggml.tokens", ARRAY, (STRING, pieces)),
        ("tokenizer.ggml.scores", ARRAY, (FLOAT32, scores)),
        ("tokenizer.ggml.token_type", ARRAY, (INT32, types)),
        ("tokenizer.ggml.bos_token_id", UINT32, BOS),
        ("tokenizer.ggml.eos_token_id", UINT32, END),
        ("tokenizer.ggml.eot_token_id", UINT32, END),
        ("tokenizer.ggml.unknown_token_id", UINT32, UNK),
        ("tokenizer.ggml.padding_token_id", UINT32, UNK),
        ("tokenizer.ggml.add_bos_token", BOOL, True),
        ("tokenizer.ggml.add_eos_token", BOOL, False),
        ("tokenizer.ggml.add_space_prefix", BOOL, False),
        ("tokenizer.chat_template", STRING, CHAT_TEMPLATE),
    ]


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(kind: int, value: Any) -> bytes:
    if kind == STRING:
        return _string(value)
    if kind == ARRAY:
        element, values = value
        return struct.pack("<IQ", element, len(values)) + b"".join(_value(element, v) for v in values)
    return struct.pack(FORMATS[kind], value)


def _quantise(data: np.ndarray) -> bytes:
    """Q8_0: blocks of 32 weights, each an F16 scale and 32 signed bytes."""
    blocks = data.reshape(-1, BLOCK).astype(np.float32)
    scale = np.abs(blocks).max(1, keepdims=True) / 127
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    quants = np.rint(blocks * inverse).astype(np.int8)
    return np.concatenate([scale.astype("<f2").view(np.uint8), quants.view(np.uint8)], 1).tobytes()


def _dequantise(data: bytes) -> np.ndarray:
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 2 + BLOCK)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    return blocks[:, 2:].copy().view(np.int8) * scale


class GgufFile:
    """The metadata and the tensors of a file that `export` wrote."""

    def __init__(self, path: Path) -> None:
        self.metadata: dict[str, Any] = {}
        self.tensors: dict[str, torch.Tensor] = {}
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ValueError(f"{path} is not a GGUF file")
            _, tensors, entries = struct.unpack("<IQQ", file.read(20))
            for _ in range(entries):
                key = _read_string(file)
                self.metadata[key] = _read_value(file, *struct.unpack("<I", file.read(4)))
            infos = [_read_info(file) for _ in range(tensors)]
            start = file.tell() + -file.tell() % ALIGNMENT
            for name, shape, kind, offset in infos:
                file.seek(start + offset)
                self.tensors[name] = torch.from_numpy(_read_tensor(file, shape, kind))

    def model(self) -> Llama:
        of = lambda key: self.metadata["llama." + key]
        shape = Shape(of("vocab_size"), of("context_length"), of("embedding_length"), of("block_count"),
                      of("attention.head_count"), of("attention.head_count_kv"), of("feed_forward_length"),
                      of("rope.freq_base"), of("attention.layer_norm_rms_epsilon"))
        model = Llama(shape)
        model.load_state_dict(self.tensors)
        return model.eval()


def _read_string(file: BinaryIO) -> str:
    return file.read(*struct.unpack("<Q", file.read(8))).decode()


def _read_value(file: BinaryIO, kind: int) -> Any:
    if kind == STRING:
        return _read_string(file)
    if kind == ARRAY:
        element, count = struct.unpack("<IQ", file.read(12))
        return [_read_value(file, element) for _ in range(count)]
    return struct.unpack(FORMATS[kind], file.read(struct.calcsize(FORMATS[kind])))[0]


def _read_info(file: BinaryIO) -> tuple[str, tuple[int, ...], int, int]:
    name = _read_string(file)
    (dimensions,) = struct.unpack("<I", file.read(4))
    shape = struct.unpack(f"<{dimensions}Q", file.read(8 * dimensions))
    kind, offset = struct.unpack("<IQ", file.read(12))
    return name, tuple(reversed(shape)), kind, offset


def _read_tensor(file: BinaryIO, shape: tuple[int, ...], kind: int) -> np.ndarray:
    count = int(np.prod(shape))
    if kind == F32:
        return np.frombuffer(file.read(4 * count), "<f4").reshape(shape).copy()
    return _dequantise(file.read(count // BLOCK * (2 + BLOCK))).reshape(shape).astype(np.float32)
