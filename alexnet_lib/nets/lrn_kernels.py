"""The same normalization, fast: fused by torch.compile on a GPU, in C or in blocks on a CPU."""

from functools import cache

import torch
from torch.autograd import forward_ad

from alexnet_lib.base.compiling import compile_or_plain
from alexnet_lib.nets.lrn_c import c_takes, normalize_in_c

CACHED = 2**18  # values worked on at once on a CPU: few enough to stay in its cache


def fast_lrn(formula, x, size, factor, beta, k):
    """What `formula(x, size, factor, beta, k)` returns, in the fastest way that x's device has."""
    if _is_followed(x) or not x.is_floating_point():
        return formula(x, size, factor, beta, k)
    if x.is_cuda:
        return LRNFused.apply(x, formula, size, factor, beta, k)
    if c_takes(x, beta, k):
        return LRNInC.apply(x, size, factor, beta, k)
    if x.device.type == "cpu":
        return LRNInBlocks.apply(x, size, factor, beta, k)
    return formula(x, size, factor, beta, k)


def lrn_gradient(x, upstream, size, factor, beta, k):
    """The gradient of the loss with respect to x, where `upstream` is that for the output.

    With s_i = k + factor * (sum of a_j^2 over i's window), and g the upstream gradient, the
    gradient with respect to a_i is g_i s_i^-beta
    - 2 factor beta a_i (sum of g_j a_j s_j^(-beta - 1) over the windows that i is in).
    torch differentiates this again where second derivatives are asked for.
    """
    a, g = x.to(at_least_float32(x)), upstream.to(at_least_float32(x))
    s = k + factor * sums_over_channels(a.square(), size // 2, (size - 1) // 2)
    direct = g * s.pow(-beta)
    sums = sums_over_channels(direct * a / s, (size - 1) // 2, size // 2)
    return (direct - 2 * factor * beta * a * sums).to(x.dtype)


class LRNFused(torch.autograd.Function):
    """The formula and its gradient, each fused into few operations that read x once."""

    @staticmethod
    def forward(ctx, x, formula, *numbers):
        ctx.save_for_backward(x)
        ctx.numbers = numbers
        return _compiled(formula, *numbers)(x)

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        if _is_followed_back(upstream):
            gradient = lrn_gradient(x, upstream, *ctx.numbers)
        else:
            gradient = _compiled(lrn_gradient, *ctx.numbers)(x, upstream)
        return gradient, *[None] * 5


@cache
def _compiled(function, size, factor, beta, k):
    """A function with its operations fused, so that a GPU reads its tensors once."""
    return compile_or_plain(with_numbers(function, size, factor, beta, k), "LRN", dynamic=True)


def with_numbers(function, *numbers):
    """The function of tensors alone that `function` is with these numbers.

    It has a code object of its own: of each torch's compiler keeps eight forms at most (types,
    layouts), and nets with several kinds of LRN in one process need more.
    """

    def of_tensors(*tensors):
        return function(*tensors, *numbers)

    of_tensors.__code__ = of_tensors.__code__.replace()
    return of_tensors


class LRNInC(torch.autograd.Function):
    """The normalization and its gradient by lrn.c, for what `c_takes`. Only the input is kept."""

    @staticmethod
    def forward(ctx, x, *numbers):
        ctx.save_for_backward(x)
        ctx.numbers = numbers
        return normalize_in_c(x, None, *numbers)

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        if _is_followed_back(upstream):
            gradient = lrn_gradient(x, upstream, *ctx.numbers)
        else:
            gradient = normalize_in_c(x, upstream, *ctx.numbers)
        return gradient, *[None] * 4


class LRNInBlocks(torch.autograd.Function):
    """The normalization a few images at a time, and `lrn_gradient`.

    Only the input and s are kept for the gradient. Takes floating-point numbers.
    """

    @staticmethod
    def forward(ctx, x, size, factor, beta, k):
        y, scale = torch.empty_like(x), torch.empty_like(x, dtype=at_least_float32(x))
        for one, result, s in _blocks(x, y, scale):
            a = one.to(s.dtype)
            _window_sums(a.square(), size // 2, (size - 1) // 2, out=s)
            s.mul_(factor).add_(k)
            result.copy_(_power(s, beta).mul_(a))
        ctx.save_for_backward(x, scale)
        ctx.numbers = size, factor, beta, k
        return y

    @staticmethod
    def backward(ctx, upstream):
        x, scale = ctx.saved_tensors
        size, factor, beta, _ = ctx.numbers
        if _is_followed_back(upstream):
            return lrn_gradient(x, upstream, *ctx.numbers), None, None, None, None
        gradient = torch.empty_like(x)
        for one, result, s, g in _blocks(x, gradient, scale, upstream):
            a, g = one.to(s.dtype), g.to(s.dtype)
            direct = _power(s, beta).mul_(g)
            shares = (direct * a).div_(s)
            sums = _window_sums(shares, (size - 1) // 2, size // 2, out=torch.empty_like(shares))
            result.copy_(direct.addcmul_(sums, a, value=-2 * factor * beta))
        return gradient, None, None, None, None


def at_least_float32(x) -> torch.dtype:
    """The type in which powers of x are computed: half precision is too coarse.

    Raises TypeError for complex numbers.
    """
    if x.is_complex():
        raise TypeError("LRN takes real numbers, and got complex ones: give x.real or x.abs()")
    return torch.promote_types(x.dtype, torch.float32)


def sums_over_channels(values, before: int, after: int):
    """Sums over channels i - before to i + after of (N, C, ...), with zeros beyond the ends."""
    size = before + 1 + after
    zeros = [torch.zeros_like(values[:, :1])]  # F.pad hides the sides from torch's older exporter
    padded = torch.cat(zeros * before + [values] + zeros * (after + 1), 1)  # (N, C + size, ...)
    sums = padded[:, :-size]  # (N, C, ...): the first channel of each window
    for first in range(1, size):
        sums = sums + padded[:, first : first - size]
    return sums


def _is_followed(x):
    """Whether a compiler, a tracer or one of torch.func's functions follows each operation on x.

    They know torch's own operations only. The compiler of the whole net fuses them itself.
    """
    return (
        torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or torch._C._are_functorch_transforms_active()
        or forward_ad.unpack_dual(x).tangent is not None
    )


def _is_followed_back(upstream):
    """Whether torch follows a backward pass, to differentiate it or to do many of them at once."""
    return (
        torch.is_grad_enabled()
        or torch._C._are_functorch_transforms_active()
        or torch._C._functorch.is_legacy_batchedtensor(upstream)
    )


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
