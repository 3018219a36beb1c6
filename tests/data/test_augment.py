"""Crops, zooms, ten views and color shifts, each beside the plain way of computing it."""

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from alexnet_lib.data.augment import color_shifts, crop_images, ten_views, zoom_images

RANDOM = torch.Generator().manual_seed(0)
IMAGES = torch.randint(0, 256, (4, 3, 9, 7), generator=RANDOM, dtype=torch.uint8)
START = torch.tensor([[0, 0], [4, 2], [1, 2], [3, 0]])
FLIP = torch.tensor([False, True, False, True])


def sliced(images, side):
    """The same crops, one after the other."""
    crops = [
        image[:, row : row + side, column : column + side]
        for image, (row, column) in zip(images, START.tolist(), strict=True)
    ]
    pairs = zip(crops, FLIP.tolist(), strict=True)
    return torch.stack([crop.flip(-1) if flip else crop for crop, flip in pairs])


def test_a_crop_is_a_slice_mirrored_where_asked():
    found = crop_images(IMAGES, START, FLIP, side=5)
    assert found.dtype == torch.uint8
    assert torch.equal(found, sliced(IMAGES, 5))


def test_a_padded_crop_is_a_slice_of_the_reflected_image():
    padded = F.pad(IMAGES.float(), (3, 3, 3, 3), mode="reflect").to(torch.uint8)
    assert torch.equal(crop_images(IMAGES, START, FLIP, side=9, pad=3), sliced(padded, 9))


def test_a_zoom_to_the_crops_own_size_is_the_crop():
    room = torch.tensor([9 + 2 - 5, 7 + 2 - 5])
    window = torch.full((4, 1), 5.0)
    found = zoom_images(IMAGES, START / room, FLIP, side=5, window=window, pad=1)
    assert found.dtype == torch.uint8
    assert torch.equal(found, crop_images(IMAGES, START, FLIP, side=5, pad=1))


def test_a_zoom_of_twice_the_size_shows_every_pixel_between_its_neighbors():
    ramp = (10 * torch.arange(8)).to(torch.uint8).expand(1, 3, 8, 8)
    flip, window = torch.tensor([False]), torch.tensor([[8.0]])
    found = zoom_images(ramp, torch.zeros(1, 2), flip, side=4, window=window)
    assert found[0, 0, 0].tolist() == [5, 25, 45, 65]


@pytest.mark.parametrize(
    ("height", "width", "pad"), [(9, 7, 0), (9, 7, 3), (16, 16, 15), (1, 5, 0)]
)
def test_a_zoom_is_what_grid_sample_makes_of_the_reflected_image(height, width, pad, monkeypatch):
    """Without asking grid_sample for reflection, which Apple's GPUs do not have."""
    draw = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (50, 3, height, width), generator=draw, dtype=torch.uint8)
    where, flip = torch.rand(50, 2, generator=draw), torch.rand(50, generator=draw) < 0.5
    window = (0.1 + 1.8 * torch.rand(50, 1, generator=draw)) * min(height, width)
    sample, asked = F.grid_sample, []

    def reflecting(images, grid, **options):
        asked.append(options)
        return sample(images, grid, **options)

    monkeypatch.setattr(F, "grid_sample", reflecting)
    found = zoom_images(images, where, flip, side=11, window=window, pad=pad)
    assert [options.get("padding_mode", "zeros") for options in asked] == ["zeros"]
    expected = torch.empty_like(found)
    for number in range(50):
        axes = []
        for side, first in zip((height, width), where[number], strict=True):
            start = first * (side + 2 * pad - window[number]) - pad
            axes += [start + window[number] * (torch.arange(11) + 0.5) / 11 - 0.5]
        rows, columns = axes[0], axes[1].flip(0) if flip[number] else axes[1]
        rows, columns = (
            2 * places / max(side - 1, 1) - 1 for places, side in ((rows, height), (columns, width))
        )
        grid = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), -1)[None]
        options = dict(padding_mode="reflection", align_corners=True)
        pixels = sample(images[number][None].float(), grid, **options)
        expected[number] = pixels[0].round().clamp(0, 255).to(torch.uint8)
    differences = (found.int() - expected.int()).abs()
    assert differences.max() <= 1  # where rounding decides
    assert (differences > 0).float().mean() < 1e-3


def test_ten_views_are_padded_as_crops_are():
    views = list(ten_views(IMAGES, side=7, pad=2))
    assert len(views) == 10 and all(view.shape == (4, 3, 7, 7) for view in views)
    padded = F.pad(IMAGES.float(), (2, 2, 2, 2), mode="reflect").to(torch.uint8)  # 13 x 11
    assert torch.equal(views[3], padded[:, :, 6:, 4:])
    assert torch.equal(views[9], padded[:, :, 3:10, 2:9].flip(-1))


def test_a_color_shift_adds_the_weighted_components():
    components = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]])
    weights = torch.tensor([[1.0, 0, 0], [0, 0, 2], [0.5, -1, 0]])
    expected = [[1.0, 4, 7], [6, 12, 20], [-1.5, -3, -4.5]]
    assert_close(color_shifts(weights, components), torch.tensor(expected))
