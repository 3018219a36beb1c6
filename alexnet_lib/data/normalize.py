"""From stored pixels to a network's input: resized and normalized."""

import torch
import torch.nn.functional as F

CACHED = 2**18  # numbers normalized at once on a CPU: few enough for its cache


def resize(images, size):
    """Square images, uint8 (N, 3, side, side), resized to `size` pixels: (N, 3, size, size).

    On a CPU the result is uint8 in the channels-last layout, which is many times as fast and rounds
    as Pillow does. On other devices it is float32.
    """
    if images.device.type == "cpu":
        images = images.contiguous(memory_format=torch.channels_last)
    else:
        images = images.float()
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, size, mode="bilinear", antialias=True)


def normalize(images, shift, std):
    """(images + shift) / std as float32 (N, 3, H, W).

    images (N, 3, H, W) are what `resize` returns, shift is (N, 3), std is (3,).
    """
    if images.device.type == "cpu":
        return _normalize_in_blocks(images, shift, std)
    return (images + shift[:, :, None, None]) / std[:, None, None]


def _normalize_in_blocks(images, shift, std):
    """(images + shift) / std for uint8 images in the channels-last layout.

    A few images at a time, which then stay in the CPU's cache. A row of pixels is one row of 3 · W
    numbers: operations on three channels at a time would be almost all overhead.
    """
    count, channels, height, width = images.shape
    result = torch.empty(images.shape, memory_format=torch.channels_last)
    rows = (count, height, width * channels)  # red, green, blue, red, green, blue …
    source = images.permute(0, 2, 3, 1).reshape(rows)  # one pixel may be in any layout
    target = result.permute(0, 2, 3, 1).view(rows)
    scale = (1 / std).repeat(width)  # (3 · W,)
    start = (shift / std).repeat(1, width).unsqueeze(1)  # (N, 1, 3 · W)
    block = max(1, CACHED // max(1, height * width * channels))
    for part, out, offset in zip(*(t.split(block) for t in (source, target, start)), strict=True):
        torch.addcmul(offset, out.copy_(part), scale, out=out)
    return result
