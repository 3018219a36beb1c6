"""Layers that the paper has and later nets dropped."""

import warnings
from functools import cache, partial
from math import inf

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.function import once_differentiable

from alexnet_lib.nets.layer_table import whole_number

CACHED = 2**18  # values worked on at once on a CPU: few enough to stay in its cache


class LocalResponseNorm(nn.Module):
    """Divides each value by a power of the squares at its place in `size` neighboring channels.

    b_i = a_i / (k + factor * sum of a_j^2 over the window)^beta, with a window from
    channel i - size // 2 to i + (size - 1) // 2, cut off at the first and last channel.
    The convention says what the factor is: "torch" is alpha / size, also at the edges, as in
    torch.nn.LocalResponseNorm and in the 2012 code; "paper" is alpha, as the formula is printed.
    The defaults are the paper's numbers (torch's own k is 1).

    Takes and returns (N, C, ...) with 2 or more dimensions. Raises ValueError for numbers out
    of range, an unknown convention and an input with fewer dimensions.
    Source: section 3.3.
    """

    def __init__(self, size=5, alpha=1e-4, beta=0.75, k=2.0, convention="torch"):
        super().__init__()
        if convention not in ("torch", "paper"):
            raise ValueError(f"convention {convention!r} is unknown; take 'torch' or 'paper'")
        for name, value in (("alpha", alpha), ("beta", beta)):
            if not 0 <= value < inf:
                raise ValueError(f"{name}={value!r}: give a number that is 0 or more")
        if not 0 < k < inf:
            raise ValueError(f"k={k!r}: give a number above 0, so that zeros can be divided")
        self.size = whole_number("size", size, 1)
        self.alpha, self.beta, self.k, self.convention = alpha, beta, k, convention

    def forward(self, x):
        if x.dim() < 2:
            raise ValueError(f"the input has shape {tuple(x.shape)}: give (N, C, ...)")
        factor = self.alpha / self.size if self.convention == "torch" else self.alpha
        if x.is_cuda and not torch.compiler.is_compiling():
            return _fused(self.size, factor, self.beta, self.k)(x)
        if x.device.type != "cpu" or torch.compiler.is_compiling():
            return formula(x, self.size, factor, self.beta, self.k)
        return _InBlocks.apply(x, self.size, factor, self.beta, self.k)

    def extra_repr(self):
        return (
            f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}, "
            f"convention={self.convention!r}"
        )


def formula(x, size, factor, beta, k):
    """The norm in plain torch, for autograd and `torch.compile` to work on."""
    channels, ends = x.shape[1], (size // 2, (size - 1) // 2)
    a = x.to(_precise(x.dtype))
    squares = F.pad(a.square(), (0, 0) * (x.dim() - 2) + ends)
    sums = sum(squares[:, first : first + channels] for first in range(size))
    return (a / torch.pow(k + factor * sums, beta)).to(x.dtype)


@cache
def _fused(size, factor, beta, k):
    """The formula with its operations fused by `torch.compile`, so that a GPU reads x once a pass.

    Where nothing can be compiled: one warning, and the formula as it is.
    """
    plain = partial(formula, size=size, factor=factor, beta=beta, k=k)
    compiled = torch.compile(plain, dynamic=True)

    def run(x):
        nonlocal compiled
        try:
            return compiled(x)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            if compiled is plain:
                raise
            line = str(error).strip().split("\n")[0][:200]
            warnings.warn(f"torch.compile fails here, LRN goes without it: {line}", stacklevel=3)
            compiled = plain
            return plain(x)

    return run


class _InBlocks(torch.autograd.Function):
    """The norm a few images at a time, with its derivative written out.

    With s = k + factor * (sum of a_j^2) and an upstream gradient g,
    da_i = g_i s_i^-beta - 2 factor beta a_i (sum of g_j a_j s_j^(-beta - 1) over the windows
    that i is in). Only the input and s are kept for it.
    """

    @staticmethod
    def forward(ctx, x, size, factor, beta, k):
        y, scale = torch.empty_like(x), torch.empty_like(x, dtype=_precise(x.dtype))
        for one, result, s in _blocks(x, y, scale):
            a = one.to(s.dtype)
            _window_sums(a.square(), size // 2, (size - 1) // 2, out=s)
            s.mul_(factor).add_(k)
            result.copy_(_power(s, beta).mul_(a))
        ctx.save_for_backward(x, scale)
        ctx.numbers = size, factor, beta
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, upstream):
        x, scale = ctx.saved_tensors
        size, factor, beta = ctx.numbers
        gradient = torch.empty_like(x)
        for one, result, s, g in _blocks(x, gradient, scale, upstream):
            a, g = one.to(s.dtype), g.to(s.dtype)
            direct = _power(s, beta).mul_(g)
            shares = (direct * a).div_(s)
            sums = _window_sums(shares, (size - 1) // 2, size // 2, out=torch.empty_like(shares))
            result.copy_(direct.addcmul_(sums, a, value=-2 * factor * beta))
        return gradient, None, None, None, None


def _precise(dtype):
    """The type that powers are taken in: half precision is too coarse."""
    return torch.promote_types(dtype, torch.float32)


def _blocks(*tensors):
    """The tensors in parts of whole images that fit into the cache, side by side."""
    images = max(1, CACHED * len(tensors[0]) // max(1, tensors[0].numel()))
    return zip(*(tensor.split(images) for tensor in tensors), strict=True)


def _window_sums(values, before, after, out):
    """Sums over channels i - before to i + after, written to `out`."""
    out.copy_(values)
    channels = values.shape[1]
    for shift in range(1, min(before, channels - 1) + 1):
        out[:, shift:] += values[:, :-shift]
    for shift in range(1, min(after, channels - 1) + 1):
        out[:, :-shift] += values[:, shift:]
    return out


def _power(s, beta):
    """s^-beta in a new tensor; by square roots, several times as fast, for the paper's beta."""
    if beta != 0.75:
        return s.pow(-beta)
    root = s.rsqrt()
    return root.sqrt().mul_(root)
