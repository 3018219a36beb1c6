"""Batches of images for a network: cropped, augmented, resized and normalized on the device."""

import os
import sys

import torch
from torch.utils.data import DataLoader

from alexnet_lib.base.device import free_memory, pick_device
from alexnet_lib.base.interrupts import interrupts_held
from alexnet_lib.base.numbers import whole_number
from alexnet_lib.base.process_group import share
from alexnet_lib.base.torchrun import local_world_size
from alexnet_lib.data import augment
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageFiles
from alexnet_lib.data.normalize import normalize, resize

# Processes that decode files; 0 where starting them is slow or unreliable (Windows, macOS).
CORES = max(1, (os.cpu_count() or 1) // local_world_size())  # for each of several processes
WORKERS = min(4, CORES) if sys.platform == "linux" else 0


class Batches:
    """An iterable of pairs (images, labels) on the device: float32 (N, 3, S, S) and int64 (N,).

    With `train=True` each pass is in a new order, and each image gets a random crop, flip, zoom and
    color of its own; otherwise the images come in order, cropped at the center. The random numbers
    follow `torch.manual_seed`. Any `DataLoader` of such pairs can be used instead.

    Within `process_group` (base/process_group) each process gets its share of every batch. Order
    and augmentation are those of a single process: each one draws them for the complete batch, by
    the generator `draws`, which has the same seed in all of them. Shares of a small last batch may
    be empty.

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

    Raises ValueError for numbers out of range, for a training batch larger than the data, and for
    one with fewer images than processes.
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
        self.share = share()
        self._check()
        # One process draws by torch's own generator, as dropout does.
        self.draws = torch.Generator().manual_seed(0) if self.share.world_size > 1 else None
        self.device = pick_device(device)
        self.statistics = statistics or color_statistics(data)
        self._mean, self._std, self._components = (t.to(self.device) for t in self.statistics)
        self._place = torch.device("cpu")  # of the stored images
        if not isinstance(data, ImageFiles):
            room = free_memory(self.device)
            large = room is not None and data.images.nbytes > room / 2  # these stay where they are
            self._place = data.images.device if large else self.device
            self._images, self._labels = (t.to(self._place) for t in (data.images, data.labels))

    def _check(self):
        count, side = len(self.data), self.data.size
        if not count:
            raise ValueError("there are no images to make batches of")
        if self.train and self.batch_size > count:
            raise ValueError(
                f"batch_size {self.batch_size} is larger than the data: {count} images; "
                f"take {count} or less"
            )
        if self.train and self.batch_size < self.share.world_size:
            raise ValueError(
                f"batch_size {self.batch_size} is that of all {self.share.world_size} processes "
                f"together: take {self.share.world_size} or more"
            )
        if not 0 < self.crop <= 1:
            raise ValueError(
                f"crop is a fraction of the image's side above 0 and up to 1, not {self.crop}"
            )
        if round(self.crop * side) < 1:
            raise ValueError(f"crop {self.crop} leaves no pixel of these images of {side} pixels")
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
        """The shape of a batch of images: (N, 3, S, S), or (N, 10, 3, S, S) for ten views.

        Of several processes each has a share of N images at most.
        """
        side = self.size or round(self.crop * self.data.size)
        most = -(-min(self.batch_size, len(self.data)) // self.share.world_size)
        return (most, *[10] * self.ten_views, 3, side, side)

    def images_in(self, number):
        """How many images the batch of this number, from 0, has in all processes together."""
        return min(self.batch_size, len(self.data) - number * self.batch_size)

    def __iter__(self):
        count = len(self.data)
        order = torch.randperm(count, generator=self.draws) if self.train else torch.arange(count)
        shares = [
            chunk[self.share.of(len(chunk))]
            for chunk in order.to(self._place).split(self.batch_size)
        ]
        for number, (images, labels) in enumerate(self._stored(shares)):
            yield self._prepare(images, self.images_in(number)), labels

    def _stored(self, shares):
        """The stored images, uint8 (N, 3, H, W), and labels (N,) of each share, on the device.

        shares   for each batch the indices of the images that this process reads
        """
        if isinstance(self.data, ImageFiles):
            chunks = [share.tolist() for share in shares if len(share)]
            loader = DataLoader(
                self.data, batch_sampler=chunks, num_workers=WORKERS, generator=self.draws
            )
            try:
                with interrupts_held():  # in the moment in which a process forks, Ctrl-C is lost
                    loaded = iter(loader)
                for images, labels in loaded:
                    yield images.to(self.device), labels.to(self.device)
            except ValueError as error:  # a worker puts its traceback before the message
                raise ValueError(str(error).rpartition("\nValueError: ")[2].strip()) from error
            for _ in range(len(shares) - len(chunks)):  # only the last one may be empty
                none = torch.empty(0, 3, self.data.size, self.data.size, dtype=torch.uint8)
                yield none.to(self.device), self.data.labels[:0].to(self.device)
        else:
            for indices in shares:
                images, labels = self._images[indices], self._labels[indices]
                yield images.to(self.device), labels.to(self.device)

    def _prepare(self, images, count):
        """uint8 (N, 3, H, W) to float32 (N, 3, S, S), or to (N, 10, 3, S, S) for ten views.

        count   how many images the batch has in all processes together, of which N are these
        """
        height, width = images.shape[-2:]
        side = round(self.crop * min(height, width))
        draws = self._draw(count) if self.train else None
        if not len(images):
            return torch.empty(0, *self.shape[1:], device=self.device)
        if self.ten_views:
            views = augment.ten_views(images, side, self.pad)
            return torch.stack([self._finish(view) for view in views], dim=1)
        # (2,): the last row and the last column at which a crop can start
        room = torch.tensor([height, width]) + 2 * self.pad - side
        if not self.train:
            start = (room // 2).expand(len(images), 2)
            unflipped = torch.zeros(len(images), dtype=torch.bool)
            return self._finish(augment.crop_images(images, start, unflipped, side, self.pad))
        where, flip, zoom, weights = draws
        if zoom is not None:
            crops = augment.zoom_images(images, where, flip, side, side * zoom, self.pad)
        else:
            start = (where * (room + 1)).long()  # (N, 2), in pixels
            crops = augment.crop_images(images, start, flip, side, self.pad)
        return self._finish(crops, weights)

    def _draw(self, count):
        """What augmentation draws for this process's share, N, of a batch of `count` images.

        Where the crops are, from 0 to 1 (N, 2); which are mirrored (N,); how large the crops are,
        around 1 (N, 1), and the weights on the color components (N, 3), or None each.
        """
        own, generator = self.share.of(count), self.draws
        where = torch.rand(count, 2, generator=generator)[own]
        flip = (torch.rand(count, generator=generator)[own] < 0.5) & self.flip
        zoom = weights = None
        if self.zoom:
            zoom = 1 + self.zoom * (2 * torch.rand(count, 1, generator=generator)[own] - 1)
        if self.color:
            weights = torch.randn(count, 3, generator=generator)[own] * self.color
        return where, flip, zoom, weights

    def _finish(self, images, weights=None):
        """Crops, uint8 (N, 3, side, side), with shifted colors, resized and normalized."""
        shift = -self._mean.expand(len(images), 3)  # (N, 3): red, green and blue of each image
        if weights is not None:
            weights = weights.to(images.device)  # (N, 3)
            shift = shift + augment.color_shifts(weights, self._components)
        return normalize(resize(images, self.size or images.shape[-1]), shift, self._std)
