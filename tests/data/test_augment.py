"""Crops, zooms, ten views and color shifts, each beside the plain way of computing it."""

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
