"""Whether images belong together: training and validation, or before a stop and after it."""

import torch

from alexnet_lib.base.text import plain_text
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.folder_files import some
from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.training.recording import count_images, data_of

TOLERANCE = 0.05  # of 255: other versions of Pillow decode a JPEG to slightly other pixels


def check_equal_classes(train, validation):
    """Raises ValueError where training and validation batches name different classes.

    Labels are places in these names: the same label would mean two classes.
    """
    one, other = _classes(train), _classes(validation)
    if one and other and one != other:
        raise ValueError(
            f"the training images have the classes {some(one)}, the validation images "
            f"{some(other)}: load both with the same classes, in the same order"
        )


def check_resumed_images(content, recipe, images, train, validation):
    """Raises ValueError where a checkpoint's run was started on other images than these.

    content             that of the checkpoint
    images              the training images as `fit` was given them, for this `Recipe`
    train, validation   batches of these images, and of those for validation

    The record would be wrong. If images were only added, it is drawn again which ones are for
    validation, so that the net would be measured on images that it was trained on.

    Compared are what is known of these: the name of the data, the names of the classes, how many
    images there are, and the mean and standard deviation of the training images' colors.
    """
    run = content["run"]
    before, now = run["data"], getattr(data_of(train), "name", "unnamed")
    if before != now:
        _refuse(
            f"they were {plain_text(before)}, and are {plain_text(now)}. A folder is called as in "
            f"its name.txt or, without one, by its own name"
        )
    before, now = content["classes"], _classes(train)
    if before and now and before != now:
        _refuse(f"the classes were {some(before)}, and are {some(now)}")
    for split, batches in (("train", train), ("validation", validation)):
        before, now = run["images"][split], count_images(batches)
        if before != now:
            _refuse(f"for {split} there were {before:,}, and are {now:,}")
    before, now = content["statistics"], _statistics(images, recipe)
    for one, other in zip(before or (), now or (), strict=False):
        if one.dim() == 1 and not torch.allclose(one, other, rtol=0, atol=TOLERANCE):
            _refuse("their colors are others")


def _statistics(images, recipe):
    """The `ColorStatistics` that training would begin with; None where they are not known."""
    if isinstance(images, ImageSet | ImageFiles):
        return recipe.normalization(color_statistics(images))
    return getattr(images, "statistics", None)


def _refuse(difference):
    raise ValueError(
        f"the run was started on other images: {difference}.\n"
        f"Put those images back, or start a new run: train with another --out"
    )


def _classes(batches):
    names = getattr(data_of(batches), "classes", ())
    return [str(name) for name in names] if isinstance(names, tuple | list) else []
