"""Batches of images: cropped, mirrored, colored, resized and normalized on the device."""

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

# Processes that decode files; none where starting them is slow or fragile (Windows, macOS).
WORKERS = min(4, os.cpu_count() or 1) if sys.platform == "linux" else 0


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
        """Crops, flips and colors of its own for each image: (N, 3, S, S), or ten views of it."""
        count, height, width = len(images), *images.shape[-2:]
        side = round(self.crop * min(height, width))
        if self.ten_views:
            views = augment.ten_views(images, side, self.pad)
            return torch.stack([self._finish(view) for view in views], dim=1)
        room = torch.tensor([height, width]) + 2 * self.pad - side  # places to start, less one
        if not self.train:
            center, unflipped = (room // 2).expand(count, 2), torch.zeros(count, dtype=torch.bool)
            return self._finish(augment.crop_images(images, center, unflipped, side, self.pad))
        where = torch.rand(count, 2)
        flip = (torch.rand(count) < 0.5) & self.flip
        if self.zoom:
            window = side * (1 + self.zoom * (2 * torch.rand(count, 1) - 1))
            return self._finish(augment.zoom_images(images, where, flip, side, window, self.pad))
        start = (where * (room + 1)).long()
        return self._finish(augment.crop_images(images, start, flip, side, self.pad))

    def _finish(self, images):
        """The images as the network takes them: colors shifted, resized, normalized."""
        shift = -self._mean.expand(len(images), 3)
        if self.train and self.color:
            weights = (torch.randn(len(images), 3) * self.color).to(images.device)
            shift = shift + augment.color_shifts(weights, self._components)
        return normalize(resize(images, self.size or images.shape[-1]), shift, self._std)


def _check(data, batch_size, size, train, crop, pad, color, ten_views, zoom):
    whole_number("batch_size", batch_size, 1)
    if not len(data):
        raise ValueError("there are no images to make batches of")
    if train and batch_size > len(data):
        raise ValueError(
            f"batch_size {batch_size} is larger than the data: {len(data)} images; "
            f"take {len(data)} or less"
        )
    if size is not None:
        whole_number("size", size, 1)
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
