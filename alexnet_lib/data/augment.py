"""Data augmentation: random crops, mirroring, zooms and color shifts; the ten views of the test.

Section 4.1 of the paper crops 224 × 224 pixels out of 256 × 256, mirrors half of the images left
and right, and shifts their colors. Images are uint8 tensors (N, 3, H, W). The caller draws the
random numbers, so that each function returns the same for the same arguments.
"""

import torch
import torch.nn.functional as F


def crop_images(images, start, flip, side, pad=0):
    """One square of `side` pixels out of each image, mirrored left and right where `flip` is true.

    start   int64 (N, 2): row and column of the square's upper left pixel in the padded image
    flip    bool (N,)
    pad     pixels added on each side of the image by reflection

    Returns uint8 (N, 3, side, side).
    """
    count, _, height, width = images.shape
    start, flip = start.to(images.device), flip.to(images.device)
    steps = torch.arange(side, device=images.device)  # (side,)
    rows = _reflect(start[:, :1] - pad + steps, height)  # (N, side)
    columns = _reflect(start[:, 1:] - pad + steps, width)  # (N, side)
    columns = torch.where(flip[:, None], columns.flip(1), columns)
    # Pixel (row, column) is number row * width + column of its image, so that a single gather()
    # takes the pixels of all crops.
    numbers = rows[:, :, None] * width + columns[:, None, :]  # (N, side, side)
    numbers = numbers.view(count, 1, side * side).expand(count, 3, -1)
    pixels = images.flatten(2).gather(2, numbers)  # (N, 3, side * side)
    return pixels.view(count, 3, side, side)


def zoom_images(images, where, flip, side, window, pad=0):
    """One square out of each image, each of its own size, resized to `side` pixels.

    where    float (N, 2): row and column of the square, from 0 (first possible) to 1 (last)
    flip     bool (N,): whether the square is mirrored left and right
    window   float (N, 1): the sides of the squares in pixels
    pad      pixels added on each side of the image by reflection

    Returns uint8 (N, 3, side, side). The paper does not zoom.
    """
    where, flip, window = (given.to(images.device) for given in (where, flip, window))
    lengths = torch.tensor(images.shape[-2:], device=images.device)  # (2,): height, width
    start = where * (lengths + 2 * pad - window) - pad  # (N, 2)
    steps = (torch.arange(side, device=images.device) + 0.5) / side  # centers of the new pixels
    places = start[:, :, None] + window[:, None] * steps - 0.5  # (N, 2, side), in old pixels
    last = (lengths[:, None] - 1).clamp(min=1)  # (2, 1)
    # Apple's GPUs have no grid_sample() that reflects at the edges, so places are reflected here.
    places = places.abs().remainder(2 * last)
    places = torch.minimum(places, 2 * last - places)
    # grid_sample() wants -1 at the first pixel's center and 1 at the last one's.
    rows, columns = (2 * places / last - 1).unbind(1)  # (N, side)
    columns = torch.where(flip[:, None], columns.flip(1), columns)
    shape = (len(images), side, side)
    grid = torch.stack([columns[:, None].expand(shape), rows[:, :, None].expand(shape)], -1)
    pixels = F.grid_sample(images.float(), grid, align_corners=True)  # (N, 3, side, side)
    return pixels.round().clamp(0, 255).to(torch.uint8)


def ten_views(images, side, pad=0):
    """Yields ten crops uint8 (N, 3, side, side): the corners and the center, then these mirrored.

    At test time the paper averages the network's answers on the ten (section 4.1).
    """
    count, height, width = len(images), *images.shape[-2:]
    room_y, room_x = height + 2 * pad - side, width + 2 * pad - side
    corners = [(0, 0), (0, room_x), (room_y, 0), (room_y, room_x), (room_y // 2, room_x // 2)]
    for mirrored in (False, True):
        for corner in corners:
            start = torch.tensor(corner).expand(count, 2)
            yield crop_images(images, start, torch.full((count,), mirrored), side, pad)


def color_shifts(weights, components):
    """What is added to the red, green and blue of each image: (N, 3), on the scale from 0 to 255.

    weights      float (N, 3): random numbers, one for each principal component
    components   float (3, 3): those of `ColorStatistics`, in columns

    Section 4.1 multiplies each component by its eigenvalue; here it is the eigenvalue's square
    root, as in the authors' code of 2012.
    """
    return weights @ components.T


def _reflect(places, length):
    """Indices beyond an edge are reflected at it: -1 becomes 1, `length` becomes `length - 2`."""
    last = length - 1
    return last - (last - places.abs()).abs()
