"""Rows of images show the pixels that they are given; an explorer shows what Batches does."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.text import Text
from torch.testing import assert_close

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.figures.augmentation import augmented_views, draw_augmented, example_image
from alexnet_lib.figures.images import crop_square, image_rows
from alexnet_lib.figures.predictions import mistake_grid

BASE = dict(pad=0, crop=1.0, flip=False, color=0.0, seed=0)

pytestmark = pytest.mark.usefixtures("style")


def augmented(**changes):
    """The sentence, and the pictures in the figure as 21×32×32×3."""
    figure = plt.figure(figsize=(10, 4.4))
    sentence = draw_augmented(figure, **BASE | changes)
    canvas = torch.from_numpy(figure.axes[0].get_images()[0].get_array())
    steps = [(36 * row, 36 * column) for row in range(3) for column in range(7)]
    return sentence, torch.stack([canvas[y : y + 32, x : x + 32] for y, x in steps])


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


def test_views_are_on_the_scale_of_the_image_and_leave_torchs_random_numbers_alone():
    image, statistics = example_image()
    before = torch.get_rng_state()
    same = augmented_views(image, statistics, 3)
    shifted = augmented_views(image, statistics, 3, pad=4)
    assert torch.equal(torch.get_rng_state(), before)
    assert_close(same, image.float().expand(3, -1, -1, -1), atol=1e-3, rtol=0)
    assert (shifted[0] - shifted[1]).abs().max() > 10


def test_with_nothing_changed_the_explorer_shows_the_stored_image_21_times():
    sentence, shown = augmented()
    assert (shown == shown[:1]).all()
    assert "1×1 place makes 1 version" in sentence and "0.0 levels" in sentence


def test_the_explorers_numbers_are_those_of_its_values():
    sentence, _ = augmented(pad=4, flip=True, color=0.1)
    assert "9×9 places, mirrored or not, make 162 versions" in sentence
    assert f"{0.1 * example_image()[1].components.norm(dim=0).max():.1f} levels" in sentence
    assert "17×17 places make 289 versions" in augmented(crop=0.5)[0]


def test_mirroring_leaves_a_picture_or_turns_it_round():
    stored = example_image()[0].permute(1, 2, 0)
    _, shown = augmented(flip=True)
    same = [torch.equal(picture, stored) for picture in shown[1:]]
    turned = [torch.equal(picture, stored.flip(1)) for picture in shown[1:]]
    assert all(a or b for a, b in zip(same, turned, strict=True)) and any(same) and any(turned)


def test_another_seed_draws_other_pictures():
    assert not torch.equal(augmented(color=0.1)[1], augmented(color=0.1, seed=1)[1])


def test_mistakes_are_drawn_surest_first_and_none_is_an_empty_figure():
    pixels = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 5, 5)
    data = ImageSet(pixels, torch.tensor([0, 0, 1, 1]), ("cat", "dog"), "four")
    table = torch.tensor([[0.4, 0.6], [0.1, 0.9], [0.3, 0.7], [0.8, 0.2]])
    fig = mistake_grid(data, table, 2)
    seen = [
        (ax.get_title(), ax.texts[0].get_text(), ax.images[0].get_array().max()) for ax in fig.axes
    ]
    assert seen == [("cat", "✗ dog 90 %", 1), ("dog", "✗ cat 80 %", 3)]
    assert mistake_grid(data.select([2]), table[2:3]).axes == []
