"""Labeled images: in memory (`ImageSet`), or as files where memory is too small (`ImageFiles`)."""

from dataclasses import dataclass, replace

import torch

from alexnet_lib.base.numbers import whole_number
from alexnet_lib.base.text import shown
from alexnet_lib.data.decode import decode
from alexnet_lib.data.folder_files import some


def subset(images, count):
    """`count` of an `ImageSet` or `ImageFiles`, the same ones each time; all of them for None."""
    if count is None or whole_number("count", count, 0) >= len(images):
        return images
    draws = torch.Generator().manual_seed(0)
    return images.select(torch.randperm(len(images), generator=draws)[:count])


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Labeled images in memory.

    images    uint8 (N, 3, H, W)
    labels    int64 (N,): the index in `classes` of each image's class
    classes   the names of the classes
    name      what figures and recorded runs call the data

    Raises ValueError where these do not fit together.
    """

    images: torch.Tensor
    labels: torch.Tensor
    classes: tuple[str, ...]
    name: str

    def __post_init__(self):
        object.__setattr__(self, "classes", _as_names(self.classes))
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
        """The images at `indices` as an ImageSet: integers, or a mask of N bools.

        A list, an array or a tensor. Raises ValueError for other numbers, IndexError beyond them.
        """
        indices = _as_indices(indices, len(self))
        return ImageSet(self.images[indices], self.labels[indices], self.classes, self.name)

    def only(self, names):
        """Only the images of the named classes, as an ImageSet with these classes.

        Classes keep their order, and labels start at 0. Raises ValueError for an unknown class.
        """
        return _only(self, names)

    def counts(self):
        """How many images each class has, in the order of `classes`."""
        return torch.bincount(self.labels, minlength=len(self.classes)).tolist()


@dataclass(frozen=True, eq=False)
class ImageFiles(torch.utils.data.Dataset):
    """Labeled image files that are read one at a time: a dataset for torch's `DataLoader`.

    paths     N image files
    labels    int64 (N,): the index in `classes` of each image's class
    classes   the names of the classes
    name      what figures and recorded runs call the data
    size      the side of the images in pixels

    Item i is a pair (image, label): uint8 (3, size, size) and an int. Raises ValueError where the
    fields do not fit together, and on reading a file that is not an image or is damaged.
    """

    paths: tuple[str, ...]
    labels: torch.Tensor
    classes: tuple[str, ...]
    name: str
    size: int

    def __post_init__(self):
        object.__setattr__(self, "paths", tuple(self.paths))
        object.__setattr__(self, "classes", _as_names(self.classes))
        if self.labels.dtype != torch.int64 or self.labels.shape != (len(self.paths),):
            found = f"{self.labels.dtype} {tuple(self.labels.shape)}"
            raise ValueError(f"labels are {found}, expected torch.int64 ({len(self.paths)},)")
        _check_labels(self.labels, self.classes)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        try:
            image = decode(self.paths[index], self.size)
        except ValueError as error:
            words = "leave such files out: --skip-broken, skip_broken=True"
            raise ValueError(f"{error}; {words}") from error
        return torch.from_numpy(image), int(self.labels[index])

    def select(self, indices):
        """The files at `indices`, as `ImageSet.select` takes them, as ImageFiles."""
        indices = _as_indices(indices, len(self))
        paths = [self.paths[index] for index in indices.tolist()]
        return ImageFiles(paths, self.labels[indices], self.classes, self.name, self.size)

    def only(self, names):
        """Only the files of the named classes, as ImageFiles with these classes.

        Classes keep their order, and labels start at 0. Raises ValueError for an unknown class.
        """
        return _only(self, names)

    def sample(self, count):
        """An ImageSet of `count` of the images, taken at even distances; all if there are fewer."""
        indices = torch.linspace(0, len(self) - 1, min(count, len(self))).round().long()
        images = torch.empty(len(indices), 3, self.size, self.size, dtype=torch.uint8)
        for place, index in enumerate(indices.tolist()):
            images[place] = self[index][0]
        return ImageSet(images, self.labels[indices], self.classes, self.name)

    def counts(self):
        """How many images each class has, in the order of `classes`."""
        return torch.bincount(self.labels, minlength=len(self.classes)).tolist()


def in_memory(data):
    """The `ImageSet` of an `ImageFiles`, all of whose files are read; an `ImageSet` itself."""
    return data.sample(len(data)) if isinstance(data, ImageFiles) else data


def _as_indices(chosen, count):
    """int64 (M,): the integers `chosen`, or where a mask of `count` bools is True."""
    chosen = torch.as_tensor(chosen)
    if chosen.dtype == torch.bool and chosen.shape == (count,):
        return chosen.nonzero().flatten()
    if chosen.numel() and (chosen.is_floating_point() or chosen.dtype == torch.bool):
        found = f"{chosen.dtype} {tuple(chosen.shape)}"
        raise ValueError(f"{found} chooses no images; expected integers, or a mask ({count},)")
    return chosen.long()


def _only(data, names):
    wanted = {names} if isinstance(names, str) else set(names)
    if not wanted or (unknown := wanted - set(data.classes)):
        asked = some(sorted(map(str, unknown))) if wanted else "none"
        raise ValueError(f"{data.name} has the classes {some(data.classes)}; asked for: {asked}")
    classes = [name for name in data.classes if name in wanted]
    new = torch.tensor([classes.index(c) if c in wanted else -1 for c in data.classes])
    labels = new[data.labels]  # (N,), -1 for classes that are left out
    chosen = data.select(labels >= 0)
    name = f"{data.name}: {some(classes)}" if len(classes) < len(data.classes) else data.name
    return replace(chosen, labels=labels[labels >= 0], classes=classes, name=name)


def _as_names(classes):
    if isinstance(classes, str):  # each letter would be a class
        raise ValueError(f"classes are {shown(classes)}; expected a list of names")
    return tuple(classes)


def _check_labels(labels, classes):
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        found = f"{labels.min()} to {labels.max()}"
        raise ValueError(f"labels run from {found}, expected 0 to {len(classes) - 1}")
