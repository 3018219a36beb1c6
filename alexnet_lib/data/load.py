"""`load` reads CIFAR-10, Shapes10 or a folder of images of your own."""

import os
from pathlib import Path

import numpy as np
import torch

from alexnet_lib.base.numbers import whole_number
from alexnet_lib.data.cifar10 import load_cifar10
from alexnet_lib.data.decode import side_to_decode
from alexnet_lib.data.decode_cache import read_images
from alexnet_lib.data.image_folder import scan_folder
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10

SPLITS = ("train", "validation", "test")
DATA = Path(__file__).resolve().parents[2] / "data"


def load(source="cifar10", split="train", size=None, data=None, seed=0, classes=None):
    """The `split` ("train", "validation" or "test") of "cifar10", "shapes10" or an image folder.

    Returns an ImageSet, or ImageFiles for a folder larger than memory. `seed` draws the
    validation images, 10 % of each class's training images. `data` is where downloads and caches
    lie: `ALEXNET_DATA`, else `data/` beside the package. `size` is for folders: the shorter side
    is resized to it and the center cropped; without it images stay as they are if all have
    one size, else they become 64 pixels. A folder holds `train/CLASS/*` and `test/CLASS/*`
    (and `validation/CLASS/*` if you like), or class folders, of which 10 % are drawn for test and
    10 % for validation. Its `name.txt`, first line, names the data; else its own name does.
    `classes` are names of those to load; the others are left out.

    Raises ValueError for a wrong split or size and for a folder with no images, one class only,
    an empty class or files that are no images; FileNotFoundError for a folder that is not there;
    OSError where nothing could be downloaded or written.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, expected one of {', '.join(SPLITS)}")
    if classes is not None:
        return load(source, split, size, data, seed).only(classes)
    data = Path(data or os.environ.get("ALEXNET_DATA") or DATA).expanduser()
    if source in ("cifar10", "shapes10"):
        if size is not None:
            raise ValueError(f"size is {size}, but {source} is always 32: let Batches resize it")
        whole = load_cifar10(split != "test", data) if source == "cifar10" else _shapes10(split)
        if split == "test":
            return whole
        parts = _divide(whole.labels.numpy(), whole.classes, seed, held_out=1)
        return whole.select(parts[SPLITS.index(split)])
    if size is not None:
        size = whole_number("size", size, 1)
    return _folder(source, split, size, data, seed)


def stored_size(source, wanted):
    """The `size` to `load` a source with, for a net that takes squares of `wanted` pixels.

    None leaves the images as they are: CIFAR-10, Shapes10, and a folder's where all have one
    size, not above `wanted`. Small images are brought to the net's size batch by batch.
    """
    if source in ("cifar10", "shapes10"):
        return None
    return side_to_decode(scan_folder(source).paths(), wanted)


def _divide(labels, classes, seed, held_out):
    """Indices of [train, validation] or [train, validation, test]: 10 % of each class held out."""
    generator = torch.Generator().manual_seed(seed)
    parts = [[] for _ in range(1 + held_out)]
    for label, name in enumerate(classes):
        members = np.flatnonzero(labels == label)
        share = max(1, round(len(members) / 10))
        if len(members) <= held_out * share:
            raise ValueError(
                f"class {name!r} has {len(members)} image(s), too few to hold some out: "
                f"expected {held_out + 1} or more"
            )
        # torch's order is the same on every system and in every version, NumPy's need not be.
        members = members[torch.randperm(len(members), generator=generator).numpy()]
        for part in range(held_out):
            parts[part + 1].append(members[part * share : (part + 1) * share])
        parts[0].append(members[held_out * share :])
    return [np.sort(np.concatenate(part)) for part in parts]


def _shapes10(split):
    """10,000 images to train and validate with, or 2,000 others to test with."""
    images, labels = (
        draw_shapes10(2_000, seed=1) if split == "test" else draw_shapes10(10_000, seed=0)
    )
    return ImageSet(
        torch.from_numpy(images), torch.from_numpy(labels), SHAPES10_CLASSES, SHAPES10_NAME
    )


def _folder(source, split, size, data, seed):
    """One split of a folder of images: its own, or drawn from `train` or from all of it."""
    listing = scan_folder(source)
    part = split if split in listing.parts else "train" if "train" in listing.parts else "all"
    paths, labels = listing.parts[part]
    images, size = read_images(listing, part, size, data / "cache")
    if part == "all":
        chosen = _divide(labels, listing.classes, seed, held_out=2)[SPLITS.index(split)]
    elif split != "test" and "validation" not in listing.parts:
        chosen = _divide(labels, listing.classes, seed, held_out=1)[SPLITS.index(split)]
    else:
        chosen = np.arange(len(labels))
    labels = torch.from_numpy(labels[chosen])
    if images is None:
        paths = [paths[index] for index in chosen]
        return ImageFiles(paths, labels, listing.classes, listing.name, size)
    return ImageSet(torch.from_numpy(images[chosen]), labels, listing.classes, listing.name)
