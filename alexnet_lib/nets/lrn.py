"""Local response normalization (section 3.3): the formula, and the layer."""

from math import inf

import torch
from torch import fx, nn

from alexnet_lib.base.numbers import whole_number
from alexnet_lib.nets.lrn_kernels import at_least_float32, fast_lrn, sums_over_channels


def lrn_formula(a, size: int, factor: float, beta: float, k: float):
    """Each value divided by (k + factor * sum of squares over `size` channels)^beta.

    a is (N, C, ...), and so is the result. The window around channel i runs from i - size // 2 to
    i + (size - 1) // 2; beyond the first and the last channel there are zeros. Powers are taken
    in float32 at least; whole numbers give float32. Raises TypeError for complex numbers.
    """
    precise = a.to(at_least_float32(a))
    sums = sums_over_channels(precise.square(), size // 2, (size - 1) // 2)  # (N, C, ...)
    b = precise / torch.pow(k + factor * sums, beta)
    return b.to(a.dtype) if a.is_floating_point() else b


@fx.wrap  # torch.fx, which follows a forward without numbers, takes it as one operation
def normalize_channels(a, size: int, factor: float, beta: float, k: float):
    """`lrn_formula`, as fast as the device of `a` allows. ValueError below 2 dimensions."""
    if not torch.jit.is_scripting():
        if a.dim() < 2:
            raise ValueError(f"the input has shape {tuple(a.shape)}: give (N, C, ...)")
        return fast_lrn(lrn_formula, a, size, factor, beta, k)
    return lrn_formula(a, size, factor, beta, k)


class LocalResponseNorm(nn.Module):
    """Divides each value by a power of the squares at its place in `size` neighboring channels.

    b_i = a_i / (k + factor * sum of a_j^2 over the window)^beta, with a window from
    channel i - size // 2 to i + (size - 1) // 2, cut off at the first and last channel.
    The convention says what the factor is: "torch" is alpha / size, also at the edges, as in
    torch.nn.LocalResponseNorm and in the 2012 code; "paper" is alpha, as the formula is printed.
    The defaults are the paper's numbers (torch's own k is 1).

    Takes and returns (N, C, ...) with 2 or more dimensions, whole numbers as float32.
    `lrn_formula` is what it computes; on a CPU and on NVIDIA GPUs `fast_lrn` computes the same
    several times as fast.
    Raises ValueError for numbers out of range, an unknown convention and an input with fewer
    dimensions, TypeError for complex numbers. Source: section 3.3.
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
        factor = float(self.alpha) / (self.size if self.convention == "torch" else 1)
        return normalize_channels(x, self.size, factor, float(self.beta), float(self.k))

    def extra_repr(self):
        return (
            f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}, "
            f"convention={self.convention!r}"
        )
