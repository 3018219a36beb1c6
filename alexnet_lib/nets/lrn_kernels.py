"""The same normalization, fast: fused by torch.compile on a GPU, in blocks on a CPU."""

from functools import cache, partial

import torch
from torch.autograd.function import once_differentiable

from alexnet_lib.base.compiling import compile_or_plain

CACHED = 2**18  # values worked on at once on a CPU: few enough to stay in its cache


def fast_lrn(formula, x, size, factor, beta, k):
    """What `formula(x, size, factor, beta, k)` returns, in the fastest way that x's device has."""
    if torch.compiler.is_compiling():  # the compiler of the whole net fuses the formula itself
        return formula(x, size, factor, beta, k)
    if x.is_cuda:
        return _compiled(formula, size, factor, beta, k)(x)
    if x.device.type == "cpu":
        return LRNInBlocks.apply(x, size, factor, beta, k)
    return formula(x, size, factor, beta, k)


@cache
def _compiled(formula, size, factor, beta, k):
    """The formula with its operations fused, so that a GPU reads x once per pass."""
    plain = partial(formula, size=size, factor=factor, beta=beta, k=k)
    return compile_or_plain(plain, "LRN", dynamic=True)


class LRNInBlocks(torch.autograd.Function):
    """The normalization a few images at a time, with its derivative written out.

    With s_i = k + factor * (sum of a_j^2 over i's window), and g the gradient of the loss with
    respect to the output, the gradient with respect to a_i is g_i s_i^-beta
    - 2 factor beta a_i (sum of g_j a_j s_j^(-beta - 1) over the windows that i is in).
    Only the input and s are kept for it.
    """

    @staticmethod
    def forward(ctx, x, size, factor, beta, k):
        y, scale = torch.empty_like(x), torch.empty_like(x, dtype=at_least_float32(x.dtype))
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


def at_least_float32(dtype):
    """The type in which powers are computed: half precision is too coarse."""
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
    """s^-beta in a new tensor; for the paper's beta by square roots, several times as fast."""
    if beta != 0.75:
        return s.pow(-beta)
    root = s.rsqrt()
    return root.sqrt().mul_(root)
