"""Random crops, flips, zooms and color shifts, and the ten views of the test (section 4.1).

Images are uint8 tensors (N, 3, H, W). What is random is drawn by the caller, so that each function
here returns the same for the same arguments.
"""

import torch
import torch.nn.functional as F


def crop_images(images, start, flip, side, pad=0):
    """One square of `side` pixels out of each image, mirrored left and right where `flip` says so.

    start   int64 (N, 2): row and column of the square's upper left pixel in the padded image
    flip    bool (N,)
    pad     pixels added around each image by reflection

    Returns uint8 (N, 3, side, side). All squares are gathered at once.
    """
    count, _, height, width = images.shape
    start, flip = start.to(images.device), flip.to(images.device)
    steps = torch.arange(side, device=images.device)
    rows = _reflect(start[:, :1] - pad + steps, height)  # (N, side)
    columns = _reflect(start[:, 1:] - pad + steps, width)  # (N, side)
    columns = torch.where(flip[:, None], columns.flip(1), columns)
    places = (rows[:, :, None] * width + columns[:, None, :]).view(count, 1, side * side)
    pixels = images.flatten(2).gather(2, places.expand(count, 3, -1))  # (N, 3, side * side)
    return pixels.view(count, 3, side, side)


def zoom_images(images, where, flip, side, window, pad=0):
    """One square out of each image, each of its own size, resized to `side` pixels.

    where    (N, 2): from 0, at the upper left of the padded image, to 1, at the lower right
    flip     bool (N,)
    window   (N, 1): sides of the squares in pixels
    pad      pixels added around each image by reflection

    Returns uint8 (N, 3, side, side).
    """
    where, flip, window = (given.to(images.device) for given in (where, flip, window))
    lengths = torch.tensor(images.shape[-2:], device=images.device)
    start = where * (lengths + 2 * pad - window) - pad
    # Centers of the pixels, as fractions of the window.
    steps = (torch.arange(side, device=images.device) + 0.5) / side
    places = start[:, :, None] + window[:, None] * steps - 0.5  # (N, 2, side): rows, columns
    rows, columns = (2 * places / (lengths[:, None] - 1).clamp(min=1) - 1).unbind(1)
    columns = torch.where(flip[:, None], columns.flip(1), columns)
    shape = (len(images), side, side)
    grid = torch.stack([columns[:, None].expand(shape), rows[:, :, None].expand(shape)], -1)
    options = dict(padding_mode="reflection", align_corners=True)
    pixels = F.grid_sample(images.float(), grid, **options)  # (N, 3, side, side)
    return pixels.round().clamp(0, 255).to(torch.uint8)


def ten_views(images, side, pad=0):
    """Four corners, the center, and their mirror images: yields ten uint8 (N, 3, side, side)."""
    count, height, width = len(images), *images.shape[-2:]
    room_y, room_x = height + 2 * pad - side, width + 2 * pad - side
    corners = [(0, 0), (0, room_x), (room_y, 0), (room_y, room_x), (room_y // 2, room_x // 2)]
    for mirrored in (False, True):
        for corner in corners:
            start = torch.tensor(corner).expand(count, 2)
            yield crop_images(images, start, torch.full((count,), mirrored), side, pad)


def color_shifts(weights, components):
    """What is added to each image's red, green and blue: (N, 3), in units of the stored pixels.

    weights (N, 3) are random, one for each principal component; `components` (3, 3) are those of
    `ColorStatistics`. The paper multiplies a component by its eigenvalue; here it is the root of
    it, as in the 2012 code.
    """
    return weights @ components.T


def _reflect(places, length):
    """Indices that run past an edge come back from it: -1 is 1, length is length - 2."""
    last = length - 1
    return last - (last - places.abs()).abs()
