"""Batches of images, cut, mirrored, colored, resized and normalized on the device."""

import os
import sys
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader

from alexnet_lib.base.device import device as pick_device, free_memory
from alexnet_lib.data.load import ImageFiles

# Processes that decode files; none where starting them is slow or fragile (Windows, macOS).
WORKERS = min(4, os.cpu_count() or 1) if sys.platform == "linux" else 0
CACHED = 2**18  # numbers normalized at once on a CPU: few enough to stay in its cache
CHUNK = 2**19  # pixels whose float32 sums are exact enough to be added up in float64
STATISTICS_SAMPLE = 2000  # images read for the statistics of a folder too large for memory


class ColorStatistics(NamedTuple):
    """Mean (3,), standard deviation (3,) and principal components (3, 3) of the pixels' colors.

    In units of the stored pixels, 0 to 255. Column i of `components` is the i-th
    eigenvector of the RGB covariance times the square root of its eigenvalue, as in the
    2012 code; section 4.1 prints the eigenvalue itself.
    """

    mean: torch.Tensor
    std: torch.Tensor
    components: torch.Tensor


def color_statistics(data):
    """The `ColorStatistics` of an `ImageSet`; of 2,000 of the images of an `ImageFiles`."""
    images = data.sample(STATISTICS_SAMPLE).images if isinstance(data, ImageFiles) else data.images
    total = torch.zeros(3, dtype=torch.float64)
    products = torch.zeros(3, 3, dtype=torch.float64)
    pixels_of_each = max(1, images.shape[2] * images.shape[3])
    for chunk in images.split(max(1, CHUNK // pixels_of_each)):
        pixels = chunk.transpose(0, 1).reshape(3, -1) - 127.5  # keeps float32 precise
        total += pixels.sum(1)
        products += pixels @ pixels.T
    count = images.shape[0] * images.shape[2] * images.shape[3]
    mean = total / count
    covariance = products / count - torch.outer(mean, mean)
    eigenvalues, eigenvectors = torch.linalg.eigh(covariance)
    components = eigenvectors * eigenvalues.clamp(min=0).sqrt()
    std = covariance.diagonal().clamp(min=1e-6).sqrt()
    return ColorStatistics(mean.float() + 127.5, std.float(), components.float())


class Batches:
    """An iterable of (float images N×3×S×S, int64 labels N) on the device.

    With `train=True` each pass is in a new order and each image gets its own random
    crop, flip and color; else the images come in order, cut in the center. Draws
    follow `torch.manual_seed`. Any `DataLoader` of such pairs can take its place.

    data         an `ImageSet`, or an `ImageFiles`, which is read through a `DataLoader`
    size         side S of the images that come out, in pixels; None leaves the crop's own
    crop         side of the square that is cut out, as a fraction of the image's
                 shorter side (section 4.1: 224 of 256 = 0.875)
    pad          pixels added around each stored image, mirrored, before the crop
    zoom         the square that is cut out is 1 - zoom to 1 + zoom times as large, and brought
                 to the crop's size (training only)
    flip         mirror left and right with probability 1/2 (training only)
    color        standard deviation of the weights on the color components (training
                 only; 0.1 in section 4.1, 0 leaves colors alone)
    statistics   `ColorStatistics` of the training images: pass them for validation and
                 test; computed from `data` if None
    ten_views    with `train=False`: four corners, center and their mirror images
                 (section 4.1); the images come as N×10×3×S×S

    Raises ValueError for numbers out of range and for a training batch larger than the data.
    """

    def __init__(
        self, data, batch_size=128, size=None, train=False, crop=1.0, pad=0, flip=False,
        color=0.0, statistics=None, ten_views=False, device=None, zoom=0.0,
    ):  # fmt: skip
        _check(data, batch_size, size, train, crop, pad, color, ten_views, zoom)
        self.data, self.batch_size, self.size, self.train = data, batch_size, size, train
        self.crop, self.pad, self.flip, self.color, self.zoom = crop, pad, flip, color, zoom
        self.ten_views = ten_views
        self.device = pick_device(device)
        self.statistics = statistics or color_statistics(data)
        self._mean, self._std, self._components = (t.to(self.device) for t in self.statistics)
        if not isinstance(data, ImageFiles):
            room = free_memory(self.device)
            large = room is not None and data.images.nbytes > room / 2  # these stay where they are
            place = data.images.device if large else self.device
            self._images, self._labels = data.images.to(place), data.labels.to(place)

    def __len__(self):
        return -(-len(self.data) // self.batch_size)

    def __iter__(self):
        count = len(self.data)
        order = torch.randperm(count) if self.train else torch.arange(count)
        for images, labels in self._stored(order):
            yield self._prepare(images), labels

    def _stored(self, order):
        """The stored uint8 images and labels in this order, batch by batch, on the device."""
        if isinstance(self.data, ImageFiles):
            chunks = [chunk.tolist() for chunk in order.split(self.batch_size)]
            loader = DataLoader(self.data, batch_sampler=chunks, num_workers=WORKERS)
            try:
                for images, labels in loader:
                    yield images.to(self.device), labels.to(self.device)
            except ValueError as error:  # a worker's message begins with its traceback
                raise ValueError(str(error).rpartition("\nValueError: ")[2].strip()) from error
        else:
            for indices in order.to(self._images.device).split(self.batch_size):
                images, labels = self._images[indices], self._labels[indices]
                yield images.to(self.device), labels.to(self.device)

    def _prepare(self, images):
        if self.ten_views:
            return torch.stack([self._finish(view) for view in self._views(images)], dim=1)
        count, height, width = len(images), *images.shape[-2:]
        side = round(self.crop * min(height, width))
        room = torch.tensor([height, width]) + 2 * self.pad - side  # places to start, less one
        if self.train:
            where = torch.rand(count, 2)
            flip = (torch.rand(count) < 0.5) & self.flip
            if self.zoom:
                return self._finish(self._zoomed(images, where, flip, side))
            start = (where * (room + 1)).long()
        else:
            start = (room // 2).expand(count, 2)
            flip = torch.zeros(count, dtype=torch.bool)
        return self._finish(self._cut(images, start, flip, side))

    def _views(self, images):
        count, height, width = len(images), *images.shape[-2:]
        side = round(self.crop * min(height, width))
        room_y, room_x = height + 2 * self.pad - side, width + 2 * self.pad - side
        corners = [(0, 0), (0, room_x), (room_y, 0), (room_y, room_x), (room_y // 2, room_x // 2)]
        for mirrored in (False, True):
            for corner in corners:
                start = torch.tensor(corner).expand(count, 2)
                yield self._cut(images, start, torch.full((count,), mirrored), side)

    def _cut(self, images, start, flip, side):
        """One square a picture, padded by reflection and mirrored: a single gather."""
        count, _, height, width = images.shape
        start, flip = start.to(images.device), flip.to(images.device)
        steps = torch.arange(side, device=images.device)
        rows = _reflect(start[:, :1] - self.pad + steps, height)
        columns = _reflect(start[:, 1:] - self.pad + steps, width)
        columns = torch.where(flip[:, None], columns.flip(1), columns)
        places = (rows[:, :, None] * width + columns[:, None, :]).view(count, 1, side * side)
        return images.flatten(2).gather(2, places.expand(count, 3, -1)).view(count, 3, side, side)

    def _zoomed(self, images, where, flip, side):
        """One square a picture, each of a size of its own, brought to `side` pixels.

        `where` N×2 is from 0, at the upper left of the padded image, to 1, at the lower right.
        """
        windows = side * (1 + self.zoom * (2 * torch.rand(len(images), 1) - 1))
        where, flip, windows = (drawn.to(images.device) for drawn in (where, flip, windows))
        lengths = torch.tensor(images.shape[-2:], device=images.device)
        start = where * (lengths + 2 * self.pad - windows) - self.pad
        # The pixels' centers, as fractions of the window.
        steps = (torch.arange(side, device=images.device) + 0.5) / side
        places = start[:, :, None] + windows[:, None] * steps - 0.5  # N×2×side: rows, columns
        rows, columns = (2 * places / (lengths[:, None] - 1).clamp(min=1) - 1).unbind(1)
        columns = torch.where(flip[:, None], columns.flip(1), columns)
        shape = (len(images), side, side)
        grid = torch.stack([columns[:, None].expand(shape), rows[:, :, None].expand(shape)], -1)
        options = dict(padding_mode="reflection", align_corners=True)
        cut = F.grid_sample(images.float(), grid, **options)
        return cut.round().clamp(0, 255).to(torch.uint8)

    def _finish(self, images):
        shift = -self._mean.expand(len(images), 3)
        if self.train and self.color:
            weights = (torch.randn(len(images), 3) * self.color).to(images.device)
            shift = shift + weights @ self._components.T
        resized = _resized(images, self.size or images.shape[-1])
        if resized.device.type == "cpu":
            return _normalized_in_blocks(resized, shift, self._std)
        return (resized + shift[:, :, None, None]) / self._std[:, None, None]


def _resized(images, size):
    """The images at the side `size`; on a CPU as uint8 with the channels last: many times faster.

    There the values are rounded to whole ones, as Pillow does.
    """
    if images.device.type == "cpu":
        images = images.contiguous(memory_format=torch.channels_last)
    else:
        images = images.float()
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, size, mode="bilinear", antialias=True)


def _normalized_in_blocks(images, shift, std):
    """(images + shift) / std, channels last, a few images at a time, which stay in the cache.

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


def _reflect(places, length):
    """Indices that run past an edge come back from it: -1 is 1, length is length - 2."""
    last = length - 1
    return last - (last - places.abs()).abs()


def _check(data, batch_size, size, train, crop, pad, color, ten_views, zoom):
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number of images from 1, not {batch_size!r}")
    if not len(data):
        raise ValueError("there are no images to make batches of")
    if train and batch_size > len(data):
        raise ValueError(
            f"batch_size {batch_size} is larger than the data: {len(data)} images; "
            f"take {len(data)} or less"
        )
    if size is not None and size < 1:
        raise ValueError(f"size must be at least 1 pixel, not {size!r}")
    if not 0 < crop <= 1:
        raise ValueError(f"crop is a fraction of the image's side above 0 and up to 1, not {crop}")
    if not 0 <= pad < data.size:
        raise ValueError(f"pad must be from 0 to {data.size - 1} for these images, not {pad}")
    if not 0 <= color < float("inf"):
        raise ValueError(f"color must be 0 or a positive standard deviation, not {color}")
    if not 0 <= zoom < 1:
        raise ValueError(f"zoom must be from 0 to below 1, not {zoom}")
    if train and ten_views:
        raise ValueError("ten_views are for evaluation: use them with train=False")
