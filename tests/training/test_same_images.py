"""Other images than those that belong together are refused, and never trained on in silence."""

from dataclasses import replace

import pytest
import torch
from helpers import colors
from small_runs import NET, recipe, train

from alexnet_lib.data.color_statistics import ColorStatistics
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint
from alexnet_lib.training.fit import fit

OTHERS = {
    "the classes were red, green, blue, and are green, red, blue": lambda images: replace(
        images, classes=("green", "red", "blue")
    ),
    "they were Colors, synthetic, and are Photos. A folder is called as in its name.txt": (
        lambda images: replace(images, name="Photos")
    ),
    "for train there were 96, and are 97": lambda images: colors(97),
    "their colors are others": lambda images: replace(images, images=images.images // 2),
}


@pytest.fixture(scope="module")
def part(place):
    train(folder=place)
    return read_checkpoint(place)


@pytest.mark.parametrize("said", OTHERS)
def test_a_run_is_not_resumed_on_other_images(said, part):
    images, checks = OTHERS[said](colors()), colors(48, seed=1)
    checks = replace(checks, classes=images.classes)
    with pytest.raises(ValueError, match=f"started on other images: {said}"):
        fit(build(**NET), images, checks, recipe(epochs=4), checkpoints=Checkpoints(resume=part))


def test_images_that_were_added_for_validation_are_noticed_too(part):
    with pytest.raises(ValueError, match="for validation there were 48, and are 51"):
        resumed = Checkpoints(resume=part)
        fit(build(**NET), colors(), colors(51), recipe(epochs=4), checkpoints=resumed)


def test_pixels_that_another_decoder_gives_are_the_same_images(part):
    images = colors()
    images.images[::16, :, ::3] += 1
    assert 0.02 < (images.images != colors().images).float().mean() < 0.03
    resumed, checks = Checkpoints(resume=part), colors(48, seed=1)
    run = fit(build(**NET), images, checks, recipe(epochs=4), checkpoints=resumed)
    assert len(run.epochs) == 4


def test_components_of_the_colors_may_have_another_sign(part):
    mean, std, components = part["statistics"]
    resumed = Checkpoints(resume=part | {"statistics": ColorStatistics(mean, std, -components)})
    checks = colors(48, seed=1)
    assert fit(build(**NET), colors(), checks, recipe(epochs=3), checkpoints=resumed).is_complete


@pytest.mark.parametrize("form", ["images", "batches"])
def test_the_same_images_are_known_again_where_pixels_are_not_divided(form, tmp_path):
    images, checks = colors(), colors(48, seed=1)
    mean = recipe(scale="mean")
    train({"scale": "mean"}, folder=tmp_path)
    resumed = Checkpoints(resume=read_checkpoint(tmp_path))
    assert resumed.statistics.std.tolist() == [1, 1, 1]
    given = images if form == "images" else mean.batches(images, train=True)
    more = replace(mean, epochs=4)
    assert len(fit(build(**NET), given, checks, more, checkpoints=resumed).epochs) == 4
    darker = replace(images, images=images.images // 2)
    given = darker if form == "images" else mean.batches(darker, train=True)
    with pytest.raises(ValueError, match="colors are others"):
        fit(build(**NET), given, checks, more, checkpoints=resumed)


@pytest.mark.parametrize("loader", [False, True])
def test_validation_images_of_other_classes_are_refused(loader):
    images, checks = colors(), colors(48, seed=1).only(["red", "blue"])
    assert int(checks.labels.max()) == 1  # blue, which is 2 in the training images
    if loader:
        checks = Loaded(checks)
    with pytest.raises(ValueError, match="classes red, green, blue, the validation images red, bl"):
        fit(build(**NET), images, checks, recipe())


class Loaded(torch.utils.data.DataLoader):
    """A `DataLoader` of a data set that names its classes, as torchvision's do."""

    def __init__(self, images):
        data = torch.utils.data.TensorDataset(images.images, images.labels)
        data.classes = list(images.classes)
        super().__init__(data, batch_size=16)
