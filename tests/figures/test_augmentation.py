"""Augmented views are what `Batches` makes of an image, and the explorer shows them."""

import matplotlib.pyplot as plt
import pytest
import torch
from torch.testing import assert_close

from alexnet_lib.figures.augmentation import (
    augmented_views,
    beside_stored,
    draw_augmented,
    example_image,
    letter_images,
)

pytestmark = pytest.mark.usefixtures("style")


BASE = dict(pad=0, crop=1.0, flip=False, color=0.0, seed=0)


def augmented(**changes):
    """The sentence, and the pictures in the figure as 21×32×32×3."""
    figure = plt.figure(figsize=(10, 4.4))
    sentence = draw_augmented(figure, **BASE | changes)
    canvas = torch.from_numpy(figure.axes[0].get_images()[0].get_array())
    steps = [(36 * row, 36 * column) for row in range(3) for column in range(7)]
    return sentence, torch.stack([canvas[y : y + 32, x : x + 32] for y, x in steps])


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


def test_the_stored_image_stands_before_its_versions():
    image = torch.full((3, 8, 8), 7, dtype=torch.uint8)
    (ax,) = beside_stored(image, {"darker": torch.zeros(2, 3, 8, 8)}).axes
    canvas = ax.get_images()[0].get_array()
    assert canvas[4, 4::9, 0].tolist() == [7, 0, 0]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["stored", "1", "2"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["darker"]


def test_letters_are_black_on_white_in_the_middle_and_differ():
    letters = letter_images("8L")
    assert letters.shape == (2, 3, 64, 64) and letters.dtype == torch.uint8
    assert letters.min() == 0 and (letters[:, :, 0] == 255).all()
    dark = (letters[0, 0] < 128).float()
    for places in (dark.any(0), dark.any(1)):
        center = places.nonzero().float().mean()
        assert 29 < center < 35
    assert (letters[0] != letters[1]).any()
