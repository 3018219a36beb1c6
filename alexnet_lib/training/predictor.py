"""A trained net, ready to be used: `Trained`."""

from dataclasses import dataclass

import torch

from alexnet_lib.base.device import device as pick_device
from alexnet_lib.data import decode as decoding, load as datasets
from alexnet_lib.data.batches import ColorStatistics
from alexnet_lib.training import checkpoint as checkpoints
from alexnet_lib.training.evaluate import probabilities
from alexnet_lib.training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained net, and how images must come to it.

    model        the net with its weights, in evaluation mode, on `device`
    name         one of geometry's MODELS
    size         side of the squares that the net takes, in pixels
    classes      names, in the order of the net's outputs
    recipe       the `Recipe` that it was trained by
    statistics   `ColorStatistics` of its training images
    source       the arguments of `datasets.load` that its images came from, or None
    """

    model: torch.nn.Module
    name: str
    size: int
    classes: tuple[str, ...]
    recipe: Recipe
    statistics: ColorStatistics
    source: dict | None
    device: torch.device

    @classmethod
    def read(cls, path, device=None):
        """The net of a checkpoint: a file, or a run's folder.

        Raises FileNotFoundError, or ValueError for a file that is not a checkpoint, or one of a
        net that was trained on batches with no classes and no color statistics.
        """
        content, device = checkpoints.read(path), pick_device(device)
        net, recipe = content["net"], Recipe(**content["run"]["recipe"])
        if not content["classes"] or content["statistics"] is None:
            raise ValueError(
                f"{path} does not say which classes its net knows and which colors it expects: "
                f"train it on an ImageSet or on ImageFiles"
            )
        size = net.get("size") or recipe.size or (32 if net["name"] == "four-layer" else 227)
        return cls(
            model=checkpoints.restore(content).to(device), name=net["name"], size=size,
            classes=tuple(content["classes"]), recipe=recipe, statistics=content["statistics"],
            source=content["source"], device=device,
        )  # fmt: skip

    @property
    def stored(self):
        """The side of the images that the net's squares are cut from, in pixels."""
        return round(self.size / self.recipe.crop)

    def images(self, source=None, split="test", classes=None):
        """A split of `datasets.load`'s `source`, decoded as large as the net needs it.

        None is what the net was trained on. `classes` are the names of those to take; of a net
        that was trained on some of its data's classes, these. Errors are those of `load`.
        """
        trained_on = self.source or {}
        if source is None:
            if not trained_on:
                raise ValueError("the checkpoint does not say what it was trained on: give data")
            data = datasets.load(split=split, **trained_on)
            return data.only(classes) if classes else data
        size = datasets.stored_size(source, self.stored)
        data = datasets.load(source, split, size)
        if classes is None and set(trained_on.get("classes") or ()) <= set(data.classes):
            classes = trained_on.get("classes")
        return data.only(classes) if classes else data

    def batches(self, data, **changes):
        """The `Batches` of an `ImageSet` or of `ImageFiles`, as the net is evaluated on them."""
        options = dict(size=self.size, statistics=self.statistics, device=self.device) | changes
        return self.recipe.batches(data, **options)

    def predict(self, file):
        """The probabilities of the classes, float (C,), for a picture in a file, of any size.

        Raises ValueError for a file that is missing, not an image, or not a whole one.
        """
        size = (self.source or {}).get("size") or decoding.side([file], self.stored)
        image = torch.from_numpy(decoding.decode(file, size))[None]
        data = datasets.ImageSet(image, torch.zeros(1, dtype=torch.int64), self.classes, str(file))
        return probabilities(self.model, self.batches(data))[0]
