"""The first layer's filters as an image file, and how colored each of them is."""

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
