"""Pixels are resized and normalized on a CPU as the plain formula says."""

import pytest
import torch
from torch.testing import assert_close

from alexnet_lib.data import normalize as normalize_module
from alexnet_lib.data.normalize import normalize, resize

RANDOM = torch.Generator().manual_seed(0)
IMAGES = torch.randint(0, 256, (5, 3, 6, 4), generator=RANDOM, dtype=torch.uint8)


@pytest.mark.parametrize("cached", [1, 200, 2**18])
def test_normalized_in_blocks_of_any_size_is_the_formula(monkeypatch, cached):
    monkeypatch.setattr(normalize_module, "CACHED", cached)
    shift, std = torch.randn(5, 3, generator=RANDOM), torch.tensor([1.0, 2, 4])
    expected = (IMAGES.float() + shift[:, :, None, None]) / std[:, None, None]
    stored = IMAGES.contiguous(memory_format=torch.channels_last)  # as resize() gives them
    found = normalize(stored, shift, std)
    assert found.dtype == torch.float32
    assert_close(found, expected)


def test_images_of_the_size_asked_for_are_not_resized():
    square = IMAGES[:, :, :4]
    assert torch.equal(resize(square, 4), square)
    assert resize(square, 9).shape == (5, 3, 9, 9) and resize(square, 9).dtype == torch.uint8


@pytest.mark.parametrize("side, size", [(1, 4), (4, 1), (1, 1)])
def test_images_of_one_pixel_are_resized_and_normalized(side, size):
    images = torch.full((2, 3, side, side), 200, dtype=torch.uint8)
    shift, std = torch.full((2, 3), -100.0), torch.full((3,), 50.0)
    normalized = normalize(resize(images, size), shift, std)
    assert_close(normalized, torch.full((2, 3, size, size), 2.0))
