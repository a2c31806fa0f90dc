"""The model: LLaMA architecture (RMSNorm, SwiGLU, rotary positions, tied embeddings), small."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Sizes. `dim` is a multiple of `heads`; `context` is in tokens."""

    vocabulary: int = 2048
    dim: int = 128
    layers: int = 6
    heads: int = 4
    hidden: int = 384
    context: int = 1024
    epsilon: float = 1e-5
    theta: float = 10000.0


class Norm(nn.Module):
    def __init__(self, dim: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.epsilon)


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """
    Turns pairs of a head's numbers by their position. x: batch, heads, tokens, head size. Pairs are a half apart, which is much
    faster here than the neighbours of llama.cpp: export puts the rows of attn_q and attn_k in its order.
    """
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads = shape.heads
        self.attn_norm = Norm(shape.dim, shape.epsilon)
        self.ffn_norm = Norm(shape.dim, shape.epsilon)
        square = lambda: nn.Linear(shape.dim, shape.dim, bias=False)  # noqa: E731
        self.attn_q, self.attn_k, self.attn_v, self.attn_output = (square() for _ in range(4))
        self.ffn_gate = nn.Linear(shape.dim, shape.hidden, bias=False)
        self.ffn_up = nn.Linear(shape.dim, shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, shape.dim, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, tokens, dim = x.shape
        h = self.attn_norm(x)
        split = lambda y: y.view(batch, tokens, self.heads, -1).transpose(1, 2)  # noqa: E731
        q = rotated(split(self.attn_q(h)), cos, sin)
        k = rotated(split(self.attn_k(h)), cos, sin)
        a = F.scaled_dot_product_attention(q, k, split(self.attn_v(h)), is_causal=True)
        x = x + self.attn_output(a.transpose(1, 2).reshape(batch, tokens, dim))
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Pocket(nn.Module):
    """Parameter names are those of GGUF, but for `blk.N` being `blk.N` of a ModuleList."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.token_embd = nn.Embedding(shape.vocabulary, shape.dim)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.dim, shape.epsilon)
        size = shape.dim // shape.heads
        frequencies = shape.theta ** (-torch.arange(0, size, 2).float() / size)
        angles = torch.outer(torch.arange(shape.context).float(), frequencies)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                scale = 0.5 if name.endswith(("attn_output.weight", "ffn_down.weight")) else 1.0
                deviation = 0.02 if name.startswith("token_embd") else scale / math.sqrt(weight.shape[1])
                nn.init.normal_(weight, std=deviation)

    def hidden(self, ids: Tensor, middle: int = 0) -> tuple[Tensor, Tensor]:
        """ids: batch, tokens. Returns batch, tokens, dim: of the last layer, normed, and what `middle` layers have made."""
        x = self.token_embd(ids)
        tokens = ids.shape[1]
        cos, sin = self.cos[:tokens].to(x.dtype), self.sin[:tokens].to(x.dtype)
        kept = x
        for i, block in enumerate(self.blk):
            x = block(x, cos, sin)
            kept = x if i + 1 == middle else kept
        return self.output_norm(x), kept

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.token_embd.weight)


class Reader(nn.Module):
    """
    Says what the middle layers have understood: one bit for each name of every group of marks. It serves training alone and
    is no part of the exported model.
    """

    def __init__(self, dim: int, bits: int, epsilon: float):
        super().__init__()
        self.norm = Norm(dim, epsilon)
        self.bits = nn.Linear(dim, bits)

    def forward(self, x: Tensor) -> Tensor:
        return self.bits(self.norm(x))
