"""`load` reads CIFAR-10, Shapes10 or a folder of your own images."""

import hashlib
import os

import numpy as np
import torch

from alexnet_lib.base.files import data_folder
from alexnet_lib.base.notes import note
from alexnet_lib.base.numbers import whole_number
from alexnet_lib.data.cifar10 import load_cifar10
from alexnet_lib.data.decode import LARGEST_SIZE, side_to_decode
from alexnet_lib.data.decode_cache import read_images
from alexnet_lib.data.image_folder import scan_folder
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10

SPLITS = ("train", "validation", "test")


def load(
    source="cifar10", split="train", size=None, data=None, seed=0, classes=None, skip_broken=False
):
    """The `split` ("train", "validation" or "test") of "cifar10", "shapes10" or an image folder.

    split     "all" gives all images of a folder: new ones, for example, to test a trained net on
    size      for folders, in pixels: the shorter side is resized to it and the center cropped;
              None leaves images as they are if all have one size of at most 30 megapixels, else
              they become 64 × 64
    data      the folder of downloads and caches; None takes `ALEXNET_DATA`, else `data/` beside
              the package
    seed      of the drawing of validation images, 10 % of each class's training images
    classes   names of the classes to load; None loads all
    skip_broken   leave out the files of a folder that cannot be read, with a warning that names
              them; otherwise they are an error

    Returns an ImageSet, or ImageFiles for a folder larger than memory. A folder holds
    `train/CLASS/*` and `test/CLASS/*` (and `validation/CLASS/*` if you like), or class folders, of
    which 10 % are drawn for test and 10 % for validation; `scan_folder` knows more forms, and
    warnings say what was decided. The first line of its `name.txt` is the name of the data;
    without one it is the folder's name.

    Raises ValueError for a wrong split or size and for a folder with no images, one class only,
    an empty class or files that are not images; FileNotFoundError for a folder that does not exist;
    OSError where something cannot be downloaded or written.
    """
    if split not in (*SPLITS, "all"):
        raise ValueError(f"split is {split!r}, expected one of {', '.join(SPLITS)}, all")
    if classes is not None:
        return load(source, split, size, data, seed, None, skip_broken).only(classes)
    data = data_folder(data)
    if source in ("cifar10", "shapes10"):
        if split == "all":
            raise ValueError(f"split is 'all', but {source} has {', '.join(SPLITS)} only")
        if size is not None:
            raise ValueError(f"size is {size}, but {source} is always 32: let Batches resize it")
        whole = load_cifar10(split != "test", data) if source == "cifar10" else _shapes10(split)
        if split == "test":
            return whole
        parts = _divide(whole.labels.numpy(), whole.classes, seed, held_out=1)
        return whole.select(parts[SPLITS.index(split)])
    if size is not None:
        size = whole_number("size", size, 1)
        if size > LARGEST_SIZE:
            raise ValueError(f"size={size}: give at most {LARGEST_SIZE} pixels")
    return _folder(source, split, size, data, seed, skip_broken)


def stored_size(source, wanted):
    """The `size` to `load` a source with, for a net whose input is `wanted` × `wanted` pixels.

    None leaves the images as they are: those of CIFAR-10, of Shapes10, and of a folder where all
    have one size of at most `wanted`. `Batches` resizes these to the net's input.
    """
    if source in ("cifar10", "shapes10"):
        return None
    return side_to_decode(scan_folder(source).paths(), wanted)


def is_drawn(source, split):
    """Whether it is drawn which images are in a split: then all others of the folder decide, too.

    That of CIFAR-10 and Shapes10 never changes.
    """
    if source in ("cifar10", "shapes10"):
        return False
    parts = scan_folder(source).parts
    return "all" in parts or (split == "validation" and split not in parts)


def training_files(source):
    """A digest of which files are for training and validation, and of their classes.

    It changes where files come or go, so that a split that is drawn has others: images that a net
    was trained on could be for its test. None for CIFAR-10 and Shapes10, which never change.
    """
    if source in ("cifar10", "shapes10"):
        return None
    listing, digest = scan_folder(source), hashlib.blake2b(digest_size=16)
    for part, (paths, labels) in listing.parts.items():
        if part != "test":
            digest.update(labels.tobytes() + b"".join(os.fsencode(path) + b"\0" for path in paths))
    return repr(listing.classes) + digest.hexdigest()


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
        # torch's order is the same on every system and in every version; NumPy's may change.
        members = members[torch.randperm(len(members), generator=generator).numpy()]
        for part in range(held_out):
            parts[part + 1].append(members[part * share : (part + 1) * share])
        parts[0].append(members[held_out * share :])
    return [np.sort(np.concatenate(part)) for part in parts]


def _shapes10(split):
    """10,000 images for training and validation, or 2,000 others for the test."""
    images, labels = (
        draw_shapes10(2_000, seed=1) if split == "test" else draw_shapes10(10_000, seed=0)
    )
    return ImageSet(
        torch.from_numpy(images), torch.from_numpy(labels), SHAPES10_CLASSES, SHAPES10_NAME
    )


def _folder(source, split, size, data, seed, skip_broken):
    """One split of a folder of images: a folder of that name, or drawn from `train` or from all."""
    listing = scan_folder(source)
    for text in listing.notes:
        note(text)
    if split == "all":
        listing = listing.as_one_part()
    part = split if split in listing.parts else "train" if "train" in listing.parts else "all"
    paths, labels = listing.parts[part]
    images, size, kept, digests = read_images(listing, part, size, data / "cache", skip_broken)
    chosen, drawn = kept, ()
    if split != "all" and (
        part == "all" or (split != "test" and "validation" not in listing.parts)
    ):
        held_out = 2 if part == "all" else 1
        drawn = [kept[place] for place in _divide(labels[kept], listing.classes, seed, held_out)]
        chosen = drawn[SPLITS.index(split)]
    if digests is not None:
        _note_copies(listing, part, drawn, digests)
    labels = torch.from_numpy(labels[chosen])
    if images is None:
        paths = [paths[index] for index in chosen]
        return ImageFiles(paths, labels, listing.classes, listing.name, size)
    return ImageSet(torch.from_numpy(images[chosen]), labels, listing.classes, listing.name)


def _note_copies(listing, part, drawn, digests):
    """Notes how many files for validation or for the test are copies of files for training.

    digests   of all files of the listing
    drawn     which files of the `part` are in the splits that were drawn from it
    """
    ends = np.cumsum([len(paths) for paths, _ in listing.parts.values()])
    of = dict(zip(listing.parts, np.split(digests, ends[:-1]), strict=True))
    splits = dict(zip(SPLITS, [of[part][which] for which in drawn], strict=False))
    for split in SPLITS[1:]:
        found, where = (splits, "train") if split in splits else (of, next(iter(of)))
        known = {*found[where]} - {None}
        copies = sum(digest in known for digest in found.get(split, ()))
        if copies:
            note(
                f"{copies:,} of {len(found[split]):,} files for {split} are copies of files for "
                f"training: what a net gets right there says little about new images"
            )
