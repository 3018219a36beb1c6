"""Whatever `fit` and `evaluate` are given, as batches of images and labels that a network takes."""

from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, default_collate
from torchvision.transforms.functional import pil_to_tensor

from alexnet_lib.base.process_group import share
from alexnet_lib.data.decode import in_color
from alexnet_lib.data.grey import raw_mode
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.nets.layers import check_initialized

WHOLE = {getattr(torch, f"{kind}{bits}") for kind in ("int", "uint") for bits in (8, 16, 32, 64)}
WHOLE.add(torch.bool)


def as_batches(data, recipe, what, statistics=None, device=None):
    """`data` as an iterable of pairs (images, labels) with a length.

    data         an `ImageSet` or `ImageFiles`; a DataLoader or another iterable of batches that has
                 a length; a data set of single pairs (image, label), as those of torchvision; a
                 pair of arrays: all images and all labels
    recipe       how an `ImageSet` is prepared, and how many images are in a batch
    what         "training" or "validation"; training images come in a new order in each epoch
    statistics   `ColorStatistics` for an `ImageSet`; None for those of its images

    Raises ValueError where there are no images, TypeError for what is nothing of these, and within
    `process_group` for all but the first two.
    """
    training = what == "training"
    if isinstance(data, ImageSet | ImageFiles):
        return recipe.batches(data, train=training, statistics=statistics, device=device)
    if share().world_size > 1:
        raise TypeError(
            f"the {what} data are of type {type(data).__name__}, of which several processes would "
            f"each see all: give an ImageSet or ImageFiles (from load)"
        )
    if isinstance(data, tuple | list) and len(data) == 2 and all(map(_is_array, data)):
        images, labels = _as_tensor(data[0], "images"), _as_tensor(data[1], "labels")
        if len(images) != len(labels):
            raise ValueError(f"there are {len(images)} {what} images, but {len(labels)} labels")
        data = TensorDataset(images, labels)
    if isinstance(data, str | dict) or not (
        hasattr(data, "__iter__") or hasattr(data, "__getitem__")
    ):
        raise TypeError(
            f"the {what} data are of type {type(data).__name__}; expected an ImageSet (from load), "
            f"a DataLoader, or a data set of pairs (image, label)"
        )
    try:
        count = len(data)
    except TypeError as error:
        raise TypeError(
            f"the {what} data ({type(data).__name__}) have no length: give a DataLoader of a data "
            f"set with a length, or a list of batches"
        ) from error
    if not count:
        raise ValueError(f"there are no {what} images")
    if isinstance(data, DataLoader) or not _holds_single_images(data):
        return data
    return DataLoader(data, recipe.batch_size, shuffle=training, collate_fn=_collate)


def check_batches(batches):
    """Raises TypeError for images that are no batches: nothing says how they are prepared."""
    if isinstance(batches, ImageSet | ImageFiles):
        raise TypeError(
            f"{type(batches).__name__} holds images, not batches: give recipe.batches(images, "
            f"statistics=…), with the statistics of the training images"
        )


class InputForm(NamedTuple):
    """What images a network takes: their channels (None: not known), type and layout in memory."""

    channels: int | None
    dtype: torch.dtype
    layout: torch.memory_format = torch.channels_last  # in which torch computes faster

    @classmethod
    def of(cls, model):
        """The form that a network's first layer with weights takes. ValueError for a lazy one.

        The layout is the ordinary one where a `forward` calls `view`, as in `x.view(len(x), -1)`,
        which fails on maps in the channels-last layout.
        """
        check_initialized(model)
        layers = (m for m in model.modules() if next(m.parameters(recurse=False), None) is not None)
        first = next(layers, None)
        channels = first.in_channels if isinstance(first, nn.Conv2d) else None
        dtype = next(model.parameters()).dtype
        forwards = [getattr(part, "forward", None) for part in model.modules()]
        names = [getattr(getattr(f, "__code__", None), "co_names", ()) for f in forwards]
        by_view = any("view" in those for those in names)  # none are known of a scripted net
        return cls(channels, dtype, torch.contiguous_format if by_view else torch.channels_last)


def as_pair(batch, form):
    """A batch as a network takes it: images of its type (N, C, H, W), labels int64 (N,).

    batch   a pair (images, labels) in one of the forms below
    form    the `InputForm` of the network

    Images may be uint8 from 0 to 255, which become 0 to 1; of another float type; channels last
    (N, H, W, C); or grey, (N, H, W) or (N, 1, H, W), for a network that takes colors. With ten
    views each they are (N, 10, C, H, W). Labels may be of any integer type, whole numbers stored as
    floats, (N, 1), or one-hot (N, classes).

    Raises ValueError or TypeError, with what arrived, what was expected and what to do.
    """
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        found = f"a {type(batch).__name__}" + (
            f" of {len(batch)}" if hasattr(batch, "__len__") else ""
        )
        keys = f" with the keys {', '.join(map(str, batch))}" if isinstance(batch, dict) else ""
        raise TypeError(f"a batch is {found}{keys}; expected a pair (images, labels)")
    images = _images(_as_tensor(batch[0], "images"), form.channels, form.dtype)
    if form.layout == torch.contiguous_format:
        images = images.contiguous()
    labels = as_labels(batch[1])
    if len(images) != len(labels):
        raise ValueError(f"a batch has {len(images)} images, but {len(labels)} labels")
    return images, labels


def check_labels(labels, outputs):
    """Raises ValueError where a label has no output. Labels int64 (N,); none is no label."""
    if not len(labels):
        return
    least, most = int(labels.min()), int(labels.max())
    if 0 <= least and most < outputs:
        return
    found = f"the net has {outputs} outputs, for labels 0 to {outputs - 1}; these run from "
    found += f"{least} to {most}"
    if least < 0:
        raise ValueError(f"{found}: leave out the images with negative labels, which have no class")
    if least >= 1 and most == outputs:
        raise ValueError(f"{found}: subtract 1 from each, since labels start at 0")
    raise ValueError(f"{found}: build it with num_classes={most + 1} or more")


def check_outputs(found):
    """What a network returned, where it is logits, (N, C). TypeError or ValueError for others."""
    if not isinstance(found, torch.Tensor):
        raise TypeError(
            f"the net returns a {type(found).__name__}; expected a tensor of logits, (N, classes): "
            f"let its forward return them alone"
        )
    if found.dim() != 2:
        raise ValueError(
            f"the net returns {tuple(found.shape)}; expected logits, (N, classes): "
            + ("add nn.Flatten() after its last maps" if found.dim() > 2 else
               "give it an output for each class, also where there are two")
        )  # fmt: skip
    return found


def _images(images, channels, dtype):
    if images.dtype == torch.uint8:
        images = images.to(dtype) / 255
    elif not images.is_floating_point():
        raise ValueError(
            f"images are {images.dtype}; expected float, or uint8 from 0 to 255: "
            f"convert them by .float() or .byte()"
        )
    images = images.to(dtype)
    if channels is None:
        return images
    if images.dim() == 3:
        images = images[:, None]  # (N, 1, H, W): grey, without an axis for it
    place = 2 if images.dim() == 5 else 1
    shape, wanted = tuple(images.shape), f"(N, {channels}, height, width)"
    if images.dim() not in (4, 5):
        raise ValueError(f"images are {shape}; expected {wanted}: reshape them to rows and columns")
    if shape[place] not in (1, channels) and shape[-1] in (1, channels):
        images = images.movedim(-1, place)
    found = images.shape[place]
    if found == 1 and channels == 3:
        return images.expand(*images.shape[:place], 3, *images.shape[place + 1 :])
    if found != channels:
        raise ValueError(
            f"images are {shape}; expected {wanted}: "
            + {(3, 1): "take the mean of their colors, or build the net with in_channels=3"}.get(
                (found, channels), f"build the net with in_channels={found}, or convert them"
            )
        )
    return images


def as_labels(labels):
    """Labels in one of the forms that `as_pair` reads as int64 (N,). Raises what it raises."""
    labels = _as_tensor(labels, "labels")
    shape = tuple(labels.shape)
    if labels.dim() == 2 and shape[1] > 1 and _is_one_hot(labels):
        return labels.long().argmax(1)
    if labels.dim() == 2 and shape[1] == 1:
        labels = labels[:, 0]
    if labels.dim() != 1:
        raise ValueError(
            f"labels are {shape}; expected one whole number per image, (N,)"
            + (": several classes per image are not supported" if labels.dim() > 1 else
               ": put the images into batches with a DataLoader")
        )  # fmt: skip
    if labels.dtype in WHOLE:
        return labels.long()
    if labels.is_floating_point() and bool((labels == labels.round()).all()):
        return labels.long()
    raise ValueError(
        f"labels are {labels.dtype} and not whole numbers; expected the number of each image's "
        f"class, int64 from 0"
    )


def _is_one_hot(labels):
    ones = labels == 1
    return bool((ones | (labels == 0)).all() and (ones.sum(1) == 1).all())


def _as_tensor(values, what):
    if isinstance(values, torch.Tensor):
        return values
    try:
        if isinstance(values, tuple | list) and isinstance(values[0], torch.Tensor):
            return torch.stack(tuple(values))
        return torch.as_tensor(np.asarray(values))
    except (TypeError, ValueError, RuntimeError, IndexError) as error:
        first = values[0] if isinstance(values, tuple | list) and values else values
        raise TypeError(
            f"{what} are of type {type(values).__name__}, such as {str(first)[:40]!r}; expected "
            f"numbers of one shape: give classes numbers from 0, and images one size"
        ) from error


def _is_array(value):
    return isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0


def _holds_single_images(data):
    """Whether the first item is one image with its label, and not a batch of them."""
    if isinstance(data, IterableDataset) or not hasattr(data, "__getitem__"):
        return False
    try:
        first = data[0]
        if isinstance(first, dict):  # in a list a batch, elsewhere one image
            return not isinstance(data, list | tuple)
        image, label = first
    except (TypeError, ValueError, KeyError):
        return False
    if isinstance(image, Image.Image) or np.ndim(label) == 0:
        return True
    batched = np.ndim(image) > 3 or (not isinstance(data, Dataset) and len(image) == len(label))
    return not batched


def _pixels(image, grey):
    return pil_to_tensor(image if grey else in_color(image, raw_mode(image)))


def _collate(items):
    """A batch of single pairs, in which PIL's images become uint8 (C, H, W).

    Where all are grey they stay so; others are read as those in files, see `decode`: the numbers
    of a palette, for example, are no colors.
    """
    if isinstance(items[0], dict):
        raise TypeError(
            f"an item of the data has the keys {', '.join(map(str, items[0]))}; expected a pair "
            f"(image, label): [(item['image'], item['label']) for item in data]"
        )
    grey = all(getattr(item[0], "mode", None) == "L" for item in items)
    pairs = [
        (_pixels(item[0], grey), *item[1:]) if isinstance(item[0], Image.Image) else item
        for item in items
    ]
    try:
        return default_collate(pairs)
    except RuntimeError as error:
        shapes = sorted({str(tuple(np.shape(pair[0]))) for pair in pairs})
        raise ValueError(
            f"the images of a batch have the shapes {', '.join(shapes[:3])}; expected one shape: "
            f"resize them in the data set's transform"
        ) from error
