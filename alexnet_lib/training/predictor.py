"""A trained net, ready to classify images: `Predictor`."""

import os
from dataclasses import dataclass

import torch

from alexnet_lib.base.device import pick_device
from alexnet_lib.base.notes import note
from alexnet_lib.base.text import shown
from alexnet_lib.data.color_statistics import ColorStatistics
from alexnet_lib.data.decode import decode, side_to_decode
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.load import is_drawn, load, stored_size
from alexnet_lib.nets.build import own_size
from alexnet_lib.training.checkpoint import read_checkpoint, restore_net
from alexnet_lib.training.evaluate import probabilities
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.shipped import shipped_folder


@dataclass(frozen=True, eq=False)
class Predictor:
    """A trained net, and how images are prepared for it.

    model        the net with its weights, in evaluation mode, on `device`
    name         its name, one of MODELS
    size         side of its input in pixels
    classes      names, in the order of the net's outputs
    recipe       the `Recipe` that it was trained with
    statistics   `ColorStatistics` of its training images
    source       the arguments of `load` that its images came from, or None
    data         what its run calls these images, such as "CIFAR-10"
    count        how many of them it was trained on
    """

    model: torch.nn.Module
    name: str
    size: int
    classes: tuple[str, ...]
    recipe: Recipe
    statistics: ColorStatistics
    source: dict | None
    device: torch.device
    data: str = "unnamed"
    count: int | None = None

    @classmethod
    def read(cls, path, device=None):
        """The net of a checkpoint. `path` is the file, or the folder of the run.

        Raises FileNotFoundError, or ValueError for a file that is not a checkpoint, or one of a
        net that was trained on batches with no classes and no color statistics.
        """
        device, content = pick_device(device), read_checkpoint(path)
        net, recipe = content["net"], Recipe(**content["run"]["recipe"])
        if len(content["classes"]) != net["num_classes"] or content["statistics"] is None:
            raise ValueError(
                f"{path} does not say which classes its net knows and which colors it expects: "
                f"train it on an ImageSet or on ImageFiles"
            )
        size = net.get("size") or recipe.size or own_size(net["name"])
        return cls(
            model=restore_net(content).to(device), name=net["name"], size=size,
            classes=tuple(content["classes"]), recipe=recipe, statistics=content["statistics"],
            source=content["source"], device=device, data=content["run"]["data"],
            count=content["run"]["images"]["train"],
        )  # fmt: skip

    @classmethod
    def shipped(cls, device=None):
        """The trained net that comes with the course. FileNotFoundError where it is missing."""
        device = pick_device(device)
        return cls.read(shipped_folder(), device)

    @property
    def stored(self):
        """The side of the stored images that the input is cropped from, in pixels."""
        return round(self.size / self.recipe.crop)

    def images(self, source=None, split="test", classes=None, skip_broken=False):
        """The images of a split, decoded at the size that the net needs.

        source    as `load` takes it; None is what the net was trained on
        classes   names of the classes to take; None takes those that the net was trained on
        skip_broken   leave out files that cannot be read; always where the training did

        A note says where images of the folder were added or removed since, so that a split that is
        drawn has others now, where the split of another folder is drawn, and where "all" has images
        of the training among its own. Raises what `load` raises, and ValueError where it is not
        known what the net was trained on.
        """
        trained_on = self.source or {}
        if source is None:
            if not trained_on:
                raise ValueError("the checkpoint does not say what it was trained on: give data")
            options = trained_on | ({"skip_broken": True} if skip_broken else {})
        else:
            size = stored_size(source, self.stored)
            options = {"source": source, "size": size, "skip_broken": skip_broken}
        data = load(split=split, **options)
        if source and classes is None:
            known = trained_on.get("classes")
            classes = known if set(known or ()) <= set(data.classes) else None
        data = data.only(classes) if classes else data
        if split == "all":
            if data.name == self.data:
                note(
                    f"the net was trained on images of {data.name}, and some of these are among "
                    f"all: what it gets right there says little about new images"
                )
        elif split != "train" and is_drawn(options["source"], split):
            if data.name == self.data:
                self._note_if_drawn_again(load(**options), classes, split)
            else:
                note(
                    f"{data.name} has no folder for {split}: 10 % of the images of each class are "
                    f"drawn for it, {len(data):,} here, and the others are left out; the split "
                    f"all has every image"
                )
        return data

    def _note_if_drawn_again(self, train, classes, split):
        """Notes that images were added or removed since training. `train` are those for it now."""
        now = len(train.only(classes) if classes else train)
        if self.count not in (None, now):
            note(
                f"{train.name} has changed: the net was trained on {self.count:,} of its images, "
                f"now {now:,} are for that. Which ones are for {split} was drawn again, so that "
                f"the net may have been trained on some of these"
            )

    def batches(self, data, **changes):
        """The `Batches` of an `ImageSet` or of `ImageFiles`, prepared as for validation."""
        options = dict(size=self.size, statistics=self.statistics, device=self.device) | changes
        return self.recipe.batches(data, **options)

    def predict(self, file):
        """The probability of each class, float (C,), for an image file of any size.

        Raises ValueError for a file that is missing, not an image, or damaged, and TypeError for
        what is no path of a file.
        """
        if not isinstance(file, str | bytes | os.PathLike):
            raise TypeError(
                f"{shown(file)} is no path of an image file: save the image, and give its path; "
                f"of an ImageSet take probabilities(predictor.model, predictor.batches(images))"
            )
        size = (self.source or {}).get("size") or side_to_decode([file], self.stored)
        image = torch.from_numpy(decode(file, size))[None]
        data = ImageSet(image, torch.zeros(1, dtype=torch.int64), self.classes, str(file))
        return probabilities(self.model, self.batches(data))[0]
