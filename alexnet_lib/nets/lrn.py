"""Local response normalization (section 3.3): the formula, and the layer."""

from math import inf

import torch
import torch.nn.functional as F
from torch import nn

from alexnet_lib.base.numbers import whole_number
from alexnet_lib.nets.lrn_kernels import at_least_float32, fast_lrn


def lrn_formula(a, size, factor, beta, k):
    """Each value divided by (k + factor * sum of squares over `size` channels)^beta.

    a is (N, C, ...), and so is the result. The window around channel i runs from i - size // 2 to
    i + (size - 1) // 2; beyond the first and the last channel there are zeros. Powers are taken
    in float32 at least.
    """
    channels, ends = a.shape[1], (size // 2, (size - 1) // 2)
    precise = a.to(at_least_float32(a.dtype))
    squares = F.pad(precise.square(), (0, 0) * (a.dim() - 2) + ends)  # (N, C + size - 1, ...)
    sums = sum(squares[:, first : first + channels] for first in range(size))  # (N, C, ...)
    return (precise / torch.pow(k + factor * sums, beta)).to(a.dtype)


class LocalResponseNorm(nn.Module):
    """Divides each value by a power of the squares at its place in `size` neighboring channels.

    b_i = a_i / (k + factor * sum of a_j^2 over the window)^beta, with a window from
    channel i - size // 2 to i + (size - 1) // 2, cut off at the first and last channel.
    The convention says what the factor is: "torch" is alpha / size, also at the edges, as in
    torch.nn.LocalResponseNorm and in the 2012 code; "paper" is alpha, as the formula is printed.
    The defaults are the paper's numbers (torch's own k is 1).

    Takes and returns (N, C, ...) with 2 or more dimensions. `lrn_formula` is what it computes;
    on a CPU and on NVIDIA GPUs `fast_lrn` computes the same several times as fast.
    Raises ValueError for numbers out of range, an unknown convention and an input with fewer
    dimensions. Source: section 3.3.
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
        return fast_lrn(lrn_formula, x, self.size, factor, self.beta, self.k)

    def extra_repr(self):
        return (
            f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}, "
            f"convention={self.convention!r}"
        )
