"""Test images stand below their titles; confusions and mistakes say how each class did."""

import pytest
import torch

from alexnet_lib.data.image_set import ImageFiles, ImageSet
from alexnet_lib.figures.tested import confusion_and_recalls, mistakes_by_class, titled_images
from alexnet_lib.training.evaluate import Evaluation

pytestmark = pytest.mark.usefixtures("style")


def four():
    """Four images, of which each has its number as its pixels' value."""
    pixels = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 5, 5)
    return ImageSet(pixels, torch.tensor([0, 1, 0, 1]), ("cat", "dog"), "four")


def test_images_stand_below_their_titles_and_are_clipped():
    images = torch.tensor([-300.0, 20.4, 300.0]).view(3, 1, 1, 1).expand(3, 3, 5, 5)
    fig = titled_images(images, ["a", "$b", "c"], columns=2)
    shown = [(ax.get_title(), ax.images[0].get_array().max()) for ax in fig.axes[:3]]
    assert shown == [("a", 0), (r"\$b", 20), ("c", 255)]
    assert len(fig.axes) == 4 and not fig.axes[3].images and not fig.axes[3].axison


def test_ten_images_and_five_lines_of_code_are_on_a_projector_together():
    fig = titled_images(torch.zeros(10, 3, 5, 5), "abcdefghij")
    assert fig.get_figheight() * fig.dpi < 400


def test_a_confusion_tells_the_share_right_of_each_class():
    found = Evaluation(0.5, 0.6, 1.0, torch.tensor([[3, 1], [5, 5]]))
    fig, alt = confusion_and_recalls(found, ("cat", "dog"))
    assert [text.get_text() for text in fig.axes[0].texts] == ["75", "25", "50", "50"]
    assert alt == "Confusion matrix; right are 75 % of cat and 50 % of dog."
    found = Evaluation(0.5, 0.6, 1.0, torch.eye(3, dtype=torch.int64))
    assert "100 % of a, 100 % of b and 100 % of c." in confusion_and_recalls(found, "abc")[1]


def test_mistakes_are_drawn_class_by_class_the_surest_first():
    table = torch.tensor([[0.4, 0.6], [0.7, 0.3], [0.1, 0.9], [0.8, 0.2]])
    fig, alt = mistakes_by_class(four(), table, count=2)
    seen = [(ax.get_title(), ax.images[0].get_array().max()) for ax in fig.axes]
    assert seen == [("cat", 2), ("cat", 0), ("dog", 3), ("dog", 1)]
    heights = [ax.get_position().y0 for ax in fig.axes]
    assert heights[0] == heights[1] > heights[2] == heights[3]
    assert alt == "Images that the net got wrong, the surest first: 2 of cat and 2 of dog."
    fig, alt = mistakes_by_class(four(), table, count=1)
    assert [ax.images[0].get_array().max() for ax in fig.axes] == [2, 3] and "1 of cat" in alt


def test_a_net_without_mistakes_gives_an_empty_figure():
    fig, alt = mistakes_by_class(four(), torch.eye(2)[four().labels])
    assert fig.axes == [] and "0 of cat and 0 of dog" in alt


def test_mistakes_of_image_files_are_read(tmp_path):
    from PIL import Image

    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for number, path in enumerate(paths):
        Image.new("RGB", (5, 5), (number, number, number)).save(path)
    files = ImageFiles(paths, torch.tensor([0, 1, 0, 1]), ("cat", "dog"), "four", 5)
    table = torch.tensor([[0.4, 0.6], [0.7, 0.3], [0.1, 0.9], [0.8, 0.2]])
    fig, _ = mistakes_by_class(files, table, count=2)
    assert [ax.images[0].get_array().max() for ax in fig.axes] == [2, 0, 3, 1]
