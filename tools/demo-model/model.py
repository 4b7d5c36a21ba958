"""The Llama architecture in a few lines, with the tensor names and the rotary layout of llama.cpp."""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    vocab: int
    context: int = 1024
    width: int = 192
    layers: int = 4
    heads: int = 6
    kv_heads: int = 6
    feed_forward: int = 512
    rope_base: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def parameters(self) -> int:
        attention = 2 * self.width * self.width + 2 * self.width * self.kv_heads * self.head_width
        layer = attention + 3 * self.width * self.feed_forward + 2 * self.width
        return 2 * self.vocab * self.width + self.layers * layer + self.width


class Norm(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.width))
        self.epsilon = shape.norm_epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on neighbouring pairs; x is [batch, head, position, head width]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv_width = shape.kv_heads * shape.head_width
        self.attn_norm = Norm(shape)
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_v = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = Norm(shape)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        x = self.attended(x, cos, sin, mask)
        y = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(y)) * self.ffn_up(y))

    def attended(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        return x + self._attend(self.attn_norm(x), cos, sin, mask)

    def _attend(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        shape, (batch, length, _) = self.shape, x.shape
        split = lambda y: y.view(batch, length, -1, shape.head_width).transpose(1, 2)
        query = rotate(split(self.attn_q(x)), cos, sin) * shape.head_width ** -0.5
        repeat = shape.heads // shape.kv_heads
        key = rotate(split(self.attn_k(x)), cos, sin).repeat_interleave(repeat, 1)
        value = split(self.attn_v(x)).repeat_interleave(repeat, 1)
        weights = torch.softmax(query @ key.transpose(-2, -1) + mask, -1)
        return self.attn_output((weights @ value).transpose(1, 2).reshape(batch, length, -1))


class Llama(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocab, shape.width)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape)
        self.output = nn.Linear(shape.width, shape.vocab, bias=False)
        powers = torch.arange(0, shape.head_width, 2) / shape.head_width
        angles = torch.outer(torch.arange(shape.context), shape.rope_base ** -powers)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_stream = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.03 / (2 * shape.layers) ** 0.5 if into_stream else 0.03)

    def hidden(self, ids: Tensor) -> Tensor:
        x, places = self.token_embd(ids), self._places(ids.shape[1])
        for layer in self.blk:
            x = layer(x, *places)
        return self.output_norm(x)

    def after_attention(self, ids: Tensor) -> Tensor:
        """What leaves the attention of the first layer: all that the warm-up needs."""
        return self.blk[0].attended(self.token_embd(ids), *self._places(ids.shape[1]))

    def _places(self, length: int) -> tuple[Tensor, Tensor, Tensor]:
        mask = torch.full((length, length), float("-inf")).triu(1)
        return self.cos[:length], self.sin[:length], mask
