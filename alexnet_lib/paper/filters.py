"""The first layer's filters, or what training added to them: as a picture, and their color."""

import numpy as np
import torch
from PIL import Image


def filters_image(weight):
    """The filters of a convolution (N×3×K×K) side by side, as a PIL image of N·K×K pixels.

    Gray (128) is zero; the largest weight of all, up or down, is 127 away from it.
    """
    pixels = 128 + 127 * weight.detach().cpu() / weight.detach().abs().max().cpu()
    row = pixels.round().to(torch.uint8).permute(2, 0, 3, 1).flatten(1, 2)
    return Image.fromarray(row.numpy())


def read_filters(path):
    """The filters of a saved `filters_image`, float N×3×K×K from -1 to 1."""
    with Image.open(path) as image:
        row = torch.from_numpy(np.array(image.convert("RGB"))).float()
    side = len(row)
    return ((row - 128) / 127).unflatten(1, (-1, side)).permute(1, 3, 0, 2)


def color_share(filters):
    """How much of each filter's squared weights is color, from 0 (gray) to 1: N×3×K×K to N.

    What the three colors have in common is gray, the rest is color.
    """
    color = filters - filters.mean(1, keepdim=True)
    return color.square().sum((1, 2, 3)) / filters.square().sum((1, 2, 3)).clamp(min=1e-12)
