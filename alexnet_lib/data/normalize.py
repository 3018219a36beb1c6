"""Stored pixels resized and normalized to what a network takes."""

import torch
import torch.nn.functional as F

CACHED = 2**18  # numbers normalized at once on a CPU: few enough to stay in its cache


def resize(images, size):
    """The images (N, 3, H, W) with sides of `size` pixels.

    On a CPU they stay uint8, with the channels last: many times as fast, and rounded to whole
    values as Pillow does. Elsewhere they are float32.
    """
    if images.device.type == "cpu":
        images = images.contiguous(memory_format=torch.channels_last)
    else:
        images = images.float()
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, size, mode="bilinear", antialias=True)


def normalize(images, shift, std):
    """(images + shift) / std as float32: images (N, 3, H, W), shift (N, 3), std (3,)."""
    if images.device.type == "cpu":
        return _normalize_in_blocks(images, shift, std)
    return (images + shift[:, :, None, None]) / std[:, None, None]


def _normalize_in_blocks(images, shift, std):
    """(images + shift) / std, with the channels last, a few images at a time, so that they stay
    in the processor's cache.

    images uint8 N×3×H×W, shift N×3, std 3. Rows of pixels are taken as rows of 3·W numbers:
    operations on three channels at a time would be all overhead.
    """
    count, channels, height, width = images.shape
    result = torch.empty(images.shape, memory_format=torch.channels_last)
    rows = (count, height, width * channels)
    source, target = (t.permute(0, 2, 3, 1).view(rows) for t in (images, result))
    scale = (1 / std).repeat(width)
    start = (shift / std).repeat(1, width).unsqueeze(1)
    block = max(1, CACHED // max(1, height * width * channels))
    for part, out, offset in zip(*(t.split(block) for t in (source, target, start)), strict=True):
        torch.addcmul(offset, out.copy_(part), scale, out=out)
    return result
