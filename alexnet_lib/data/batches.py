"""Batches of images for a network: cropped, augmented, resized and normalized on the device."""

import os
import sys

import torch
from torch.utils.data import DataLoader

from alexnet_lib.base.device import free_memory, pick_device
from alexnet_lib.base.numbers import whole_number
from alexnet_lib.data import augment
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageFiles
from alexnet_lib.data.normalize import normalize, resize

# Processes that decode files; 0 where starting them is slow or unreliable (Windows, macOS).
WORKERS = min(4, os.cpu_count() or 1) if sys.platform == "linux" else 0


class Batches:
    """An iterable of pairs (images, labels) on the device: float32 (N, 3, S, S) and int64 (N,).

    With `train=True` each pass is in a new order, and each image gets a random crop, flip, zoom and
    color of its own; otherwise the images come in order, cropped at the center. The random numbers
    follow `torch.manual_seed`. Any `DataLoader` of such pairs can be used instead.

    data         an `ImageSet`, or an `ImageFiles`, which is read through a `DataLoader`
    size         side S of the images that come out, in pixels; None leaves the crop's
    crop         side of the square crop, as a fraction of the image's shorter side
                 (section 4.1: 224 of 256 = 0.875)
    pad          pixels added on each side of the stored image by reflection, before the crop
    zoom         the crop is 1 - zoom to 1 + zoom times as large, and resized to the usual size
                 (training only)
    flip         mirror left and right with probability 1/2 (training only)
    color        standard deviation of the weights on the color components (training
                 only; 0.1 in section 4.1, 0 leaves the colors as they are)
    statistics   `ColorStatistics` of the training images: pass them for validation and
                 test; None computes those of `data`
    ten_views    with `train=False`: the four corners, the center and their mirror images
                 (section 4.1); the images come as (N, 10, 3, S, S)

    Raises ValueError for numbers out of range and for a training batch larger than the data.
    """

    def __init__(
        self, data, batch_size=128, size=None, train=False, crop=1.0, pad=0, flip=False,
        color=0.0, statistics=None, ten_views=False, device=None, zoom=0.0,
    ):  # fmt: skip
        self.data, self.train, self.flip, self.ten_views = data, train, flip, ten_views
        self.batch_size = whole_number("batch_size", batch_size, 1)
        self.size = None if size is None else whole_number("size", size, 1)
        self.pad = whole_number("pad", pad, 0)
        self.crop, self.color, self.zoom = crop, color, zoom
        self._check()
        self.device = pick_device(device)
        self.statistics = statistics or color_statistics(data)
        self._mean, self._std, self._components = (t.to(self.device) for t in self.statistics)
        if not isinstance(data, ImageFiles):
            room = free_memory(self.device)
            large = room is not None and data.images.nbytes > room / 2  # these stay where they are
            place = data.images.device if large else self.device
            self._images, self._labels = data.images.to(place), data.labels.to(place)

    def _check(self):
        count, side = len(self.data), self.data.size
        if not count:
            raise ValueError("there are no images to make batches of")
        if self.train and self.batch_size > count:
            raise ValueError(
                f"batch_size {self.batch_size} is larger than the data: {count} images; "
                f"take {count} or less"
            )
        if not 0 < self.crop <= 1:
            raise ValueError(
                f"crop is a fraction of the image's side above 0 and up to 1, not {self.crop}"
            )
        if self.pad >= side:
            raise ValueError(f"pad must be from 0 to {side - 1} for these images, not {self.pad}")
        if not 0 <= self.color < float("inf"):
            raise ValueError(f"color must be 0 or a positive standard deviation, not {self.color}")
        if not 0 <= self.zoom < 1:
            raise ValueError(f"zoom must be from 0 to below 1, not {self.zoom}")
        if self.train and self.ten_views:
            raise ValueError("ten_views are for evaluation: use them with train=False")

    def __len__(self):
        return -(-len(self.data) // self.batch_size)

    @property
    def shape(self):
        """The shape of a batch of images: (N, 3, S, S), or (N, 10, 3, S, S) for ten views."""
        side = self.size or round(self.crop * self.data.size)
        return (min(self.batch_size, len(self.data)), *[10] * self.ten_views, 3, side, side)

    def __iter__(self):
        count = len(self.data)
        order = torch.randperm(count) if self.train else torch.arange(count)
        for images, labels in self._stored(order):
            yield self._prepare(images), labels

    def _stored(self, order):
        """Batches of the stored images, uint8 (N, 3, H, W), and labels (N,), on the device."""
        if isinstance(self.data, ImageFiles):
            chunks = [chunk.tolist() for chunk in order.split(self.batch_size)]
            loader = DataLoader(self.data, batch_sampler=chunks, num_workers=WORKERS)
            try:
                for images, labels in loader:
                    yield images.to(self.device), labels.to(self.device)
            except ValueError as error:  # a worker puts its traceback before the message
                raise ValueError(str(error).rpartition("\nValueError: ")[2].strip()) from error
        else:
            for indices in order.to(self._images.device).split(self.batch_size):
                images, labels = self._images[indices], self._labels[indices]
                yield images.to(self.device), labels.to(self.device)

    def _prepare(self, images):
        """uint8 (N, 3, H, W) to float32 (N, 3, S, S), or to (N, 10, 3, S, S) for ten views."""
        count, height, width = len(images), *images.shape[-2:]
        side = round(self.crop * min(height, width))
        if self.ten_views:
            views = augment.ten_views(images, side, self.pad)
            return torch.stack([self._finish(view) for view in views], dim=1)
        # (2,): the last row and the last column at which a crop can start
        room = torch.tensor([height, width]) + 2 * self.pad - side
        if not self.train:
            center, unflipped = (room // 2).expand(count, 2), torch.zeros(count, dtype=torch.bool)
            return self._finish(augment.crop_images(images, center, unflipped, side, self.pad))
        where = torch.rand(count, 2)  # (N, 2): row and column, from 0 to 1
        flip = (torch.rand(count) < 0.5) & self.flip  # (N,)
        if self.zoom:
            window = side * (1 + self.zoom * (2 * torch.rand(count, 1) - 1))  # (N, 1), in pixels
            return self._finish(augment.zoom_images(images, where, flip, side, window, self.pad))
        start = (where * (room + 1)).long()  # (N, 2), in pixels
        return self._finish(augment.crop_images(images, start, flip, side, self.pad))

    def _finish(self, images):
        """Crops, uint8 (N, 3, side, side), with shifted colors, resized and normalized."""
        shift = -self._mean.expand(len(images), 3)  # (N, 3): red, green and blue of each image
        if self.train and self.color:
            weights = (torch.randn(len(images), 3) * self.color).to(images.device)  # (N, 3)
            shift = shift + augment.color_shifts(weights, self._components)
        return normalize(resize(images, self.size or images.shape[-1]), shift, self._std)
