"""The first layer's filters as an image file, and how colored and how oriented each of them is."""

import numpy as np
import torch
from PIL import Image


def filters_image(weight):
    """The filters of a convolution (N, 3, K, K) side by side, as a PIL image of N·K×K pixels.

    Zero becomes gray (128); the weight with the largest absolute value is 127 away from it.
    """
    pixels = 128 + 127 * weight.detach().cpu() / weight.detach().abs().max().cpu()
    row = pixels.round().to(torch.uint8).permute(2, 0, 3, 1).flatten(1, 2)
    return Image.fromarray(row.numpy())


def read_filters(path):
    """The filters of a saved `filters_image`, float (N, 3, K, K) from -1 to 1."""
    with Image.open(path) as image:
        row = torch.from_numpy(np.array(image.convert("RGB"))).float()
    side = len(row)
    return ((row - 128) / 127).unflatten(1, (-1, side)).permute(1, 3, 0, 2)


def color_share(filters):
    """The share of color in each filter's squared weights, from 0 (gray) to 1.

    filters (N, 3, K, K); returns (N,). The mean of a pixel's three weights is its gray part, the
    difference from that mean its color part.
    """
    color = filters - filters.mean(1, keepdim=True)
    return color.square().sum((1, 2, 3)) / filters.square().sum((1, 2, 3)).clamp(min=1e-12)


def orientation(filters):
    """How far each filter has one direction: from 0 (a spot, or none) to 1 (an edge or stripes).

    filters (N, C, K, K) with K at least 2; returns (N,). It is the coherence of the structure
    tensor: the sums of squares and products of the filter's slopes, down and across, over its
    weights. With slopes in one direction only, it is 1; with slopes of equal strength in all, 0.
    """
    down = (filters[..., 1:, :] - filters[..., :-1, :]).unfold(-1, 2, 1).mean(-1)
    across = (filters[..., 1:] - filters[..., :-1]).unfold(-2, 2, 1).mean(-1)
    dd, aa, da = ((u * v).sum((1, 2, 3)) for u, v in
                  ((down, down), (across, across), (down, across)))  # fmt: skip
    return ((dd - aa).square() + 4 * da.square()).sqrt() / (dd + aa).clamp(min=1e-12)


def chance_of_halves(values, draws=10_000):
    """How likely two random halves differ as much in the mean as the first and the second half.

    values float (N,), with N even, such as a number per filter of two towers; a permutation test
    with so many random halves, the same ones each time. Returns a fraction from 0 to 1.
    """
    first, second = values.chunk(2)
    random = torch.Generator().manual_seed(0)
    orders = torch.rand(draws, len(values), generator=random).argsort(1)
    halves = values[orders].unflatten(1, (2, -1)).mean(2)
    apart = (halves[:, 0] - halves[:, 1]).abs() >= (first.mean() - second.mean()).abs()
    return apart.double().mean().item()
