"""Grids and rows of images show the pixels that they are given."""

import numpy as np
import pytest
import torch
from matplotlib.text import Text

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures.images import (
    class_columns,
    crop_square,
    image_grid,
    image_rows,
    large_images,
    mosaic,
)

CLASSES = ("red", "green", "blue")


pytestmark = pytest.mark.usefixtures("style")


def images(count=9):
    labels = torch.arange(count) % 3
    pixels = torch.zeros(count, 3, 8, 8, dtype=torch.uint8)
    pixels[torch.arange(count), labels] = 200
    return ImageSet(pixels, labels, CLASSES, "Colors, synthetic")


def test_image_grid_draws_the_first_of_many_classes():
    classes = tuple(f"class {number}" for number in range(50))
    data = ImageSet(torch.zeros(50, 3, 4, 4, dtype=torch.uint8), torch.arange(50), classes, "")
    fig = image_grid(data, per_class=2)
    assert [text.get_text() for text in fig.axes[0].get_yticklabels()] == list(classes[:30])


def test_image_grid_has_a_row_for_each_class():
    fig = image_grid(images(), per_class=3)
    assert [text.get_text() for text in fig.axes[0].get_yticklabels()] == list(CLASSES)
    pixels = fig.axes[0].get_images()[0].get_array()
    assert pixels.shape[:2] == (3 * 9 - 1, 3 * 9 - 1)
    assert [tuple(pixels[9 * row + 4, 4]) for row in range(3)] == [
        (200, 0, 0), (0, 200, 0), (0, 0, 200)
    ]  # fmt: skip


def test_image_grid_leaves_the_row_of_a_class_without_images_white():
    data = images()
    pixels = image_grid(data.select(data.labels > 0), 3).axes[0].get_images()[0].get_array()
    assert (pixels[:9] == 255).all() and tuple(pixels[13, 4]) == (0, 200, 0)


def test_image_grid_is_as_large_as_its_images():
    small, large = (image_grid(images(), per_class=3, side=side) for side in (0.5, 1.0))
    assert large.get_figheight() == 3 and small.get_figheight() == 1.5
    heights = [fig.axes[0].get_window_extent().height for fig in (small, large)]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.2)


def test_rows_show_each_image_beside_its_name_and_below_its_heading():
    images = torch.arange(6).mul(40).view(6, 1, 1, 1).expand(6, 3, 8, 8).to(torch.uint8)
    fig = image_rows({"all": images, "small": images[:2, :, :4, :4]}, ["1st", "2nd"])
    (ax,) = fig.axes
    canvas = ax.get_images()[0].get_array()
    assert canvas.shape == (2 * 9 - 1, 6 * 9 - 1, 3)
    assert canvas[4, 4::9, 0].tolist() == [0, 40, 80, 120, 160, 200]
    assert canvas[9 + 2 : 9 + 6, 11:15, 1].tolist() == [[40] * 4] * 4
    assert (canvas[9:, 18:] == 255).all() and (canvas[9:11] == 255).all()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["all", "small"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1st", "2nd"]
    sizes = [text.get_fontsize() for text in fig.findobj(Text) if text.get_text().strip()]
    assert min(sizes) >= 12


def test_a_white_image_has_a_frame_of_its_own_size():
    fig = image_rows({"": torch.full((2, 3, 8, 8), 255)})
    (frames,) = fig.axes[0].collections
    corners = [path.vertices[:4].tolist() for path in frames.get_paths()]
    assert corners[1] == [[8.5, -0.5], [16.5, -0.5], [16.5, 7.5], [8.5, 7.5]]
    assert frames.get_edgecolor()[0, 0] < 0.8 and len(corners) == 2


def test_images_that_are_not_square_lose_what_is_right_or_below():
    images = torch.arange(2 * 3 * 4 * 6).view(2, 3, 4, 6).byte()
    for turned in (images, images.transpose(-1, -2)):
        data = ImageSet(turned, torch.tensor([0, 1]), ("one", "other"), "wide or high")
        assert torch.equal(crop_square(data).images, turned[..., :4, :4])
        assert torch.equal(crop_square(data).labels, data.labels)


def test_pixels_out_of_range_are_cut_off():
    fig = image_rows({"": torch.tensor([-300.0, 300.0]).view(2, 1, 1, 1).expand(2, 3, 8, 8)})
    assert fig.axes[0].get_images()[0].get_array()[0, ::9, 0].tolist() == [0, 255]


def test_a_mosaic_has_each_image_in_the_middle_of_its_field_and_white_between():
    large, small = np.full((3, 3, 3), 10, np.uint8), np.full((1, 2, 3), 20, np.uint8)
    found = mosaic([[large, small], [small]], gap=1)[..., 0]
    assert found.tolist() == [
        [10, 10, 10, 255, 255, 255, 255],
        [10, 10, 10, 255, 20, 20, 255],
        [10, 10, 10, 255, 255, 255, 255],
        [255] * 7,
        [255] * 7,
        [20, 20, 255, 255, 255, 255, 255],
        [255] * 7,
    ]


def test_a_mosaic_of_floats_is_white_at_1_and_takes_a_margin():
    found = mosaic([[np.zeros((2, 2, 3)), np.zeros((2, 2, 3))]], gap=2, margin=1)
    assert found.shape == (4, 8, 3) and found.dtype == np.float64
    assert found[1, :, 0].tolist() == [1, 0, 0, 1, 1, 0, 0, 1]
    assert (found[[0, -1]] == 1).all()


def test_class_columns_have_a_class_each_and_gaps_where_images_are_few():
    fig, alt = class_columns(images(8), per_class=3)  # there are only two blue ones
    pixels = fig.axes[0].get_images()[0].get_array()
    assert [tuple(pixels[4, 9 * column + 4]) for column in range(3)] == [
        (200, 0, 0), (0, 200, 0), (0, 0, 200)
    ]  # fmt: skip
    assert tuple(pixels[22, 4]) == (200, 0, 0) and tuple(pixels[22, 22]) == (255, 255, 255)
    assert [text.get_text() for text in fig.axes[0].get_xticklabels()] == list(CLASSES)
    assert alt == "3 images of each class, a column for each: red, green, blue."


def test_class_columns_draw_the_first_of_many_classes():
    classes = tuple(f"class {number}" for number in range(50))
    data = ImageSet(torch.zeros(50, 3, 4, 4, dtype=torch.uint8), torch.arange(50), classes, "")
    fig, alt = class_columns(data)
    assert len(fig.axes[0].get_xticklabels()) == 12 and alt.endswith("class 11.")


def test_the_classes_of_cifar10_do_not_touch():
    data = ImageSet(
        torch.zeros(3, 3, 8, 8, dtype=torch.uint8), torch.arange(3), ("automobile",) * 3, ""
    )
    fig, _ = class_columns(data)
    fig.canvas.draw()
    boxes = [text.get_window_extent() for text in fig.axes[0].get_xticklabels()]
    assert boxes[0].x1 < boxes[1].x0 and boxes[1].x1 < boxes[2].x0


def test_large_images_say_how_large_they_are():
    small, large = torch.full((3, 4, 4), 300.0), torch.zeros(3, 9, 9, dtype=torch.uint8)
    fig = large_images({"stored": small, "enlarged": large})
    assert [ax.get_title() for ax in fig.axes] == ["stored: 4 pixels", "enlarged: 9 pixels"]
    first, second = (ax.get_images()[0].get_array() for ax in fig.axes)
    assert (first == 255).all() and second.shape == (9, 9, 3) and (second == 0).all()
