"""Filters are kept as an image, and their share of color is measured."""

import math

import pytest
import torch

from alexnet_lib.paper.filters import (
    chance_of_halves,
    color_share,
    filters_image,
    orientation,
    read_filters,
)


def test_filters_are_read_from_their_picture_as_they_were(tmp_path):
    weight = torch.randn(24, 3, 11, 11, generator=torch.Generator().manual_seed(0))
    filters_image(weight).save(tmp_path / "filters.png")
    read = read_filters(tmp_path / "filters.png")
    torch.testing.assert_close(read, weight / weight.abs().max(), atol=0.5 / 127 + 1e-6, rtol=0)


def test_the_color_share_is_zero_for_gray_and_one_for_pure_color():
    gray = torch.randn(1, 1, 5, 5).expand(1, 3, 5, 5)
    pure = torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 5, 5)
    shares = color_share(torch.cat([gray, pure, gray / gray.norm() + pure / pure.norm()]))
    torch.testing.assert_close(shares, torch.tensor([0.0, 1.0, 0.5]))


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
def test_stripes_of_any_direction_have_orientation_1(angle):
    y, x = torch.meshgrid(torch.arange(7.0), torch.arange(7.0), indexing="ij")
    across = math.cos(math.radians(angle)) * x + math.sin(math.radians(angle)) * y
    assert orientation(across.expand(1, 3, 7, 7)).item() == pytest.approx(1, abs=1e-4)


def test_a_round_spot_and_a_constant_filter_have_no_orientation():
    line = torch.tensor([0.0, 1.0, 2.0, 1.0, 0.0])
    spot = line[:, None] * line[None]
    found = orientation(torch.stack([spot, torch.ones(5, 5)]).unsqueeze(1).expand(2, 3, 5, 5))
    torch.testing.assert_close(found, torch.zeros(2))


def test_orientation_does_not_depend_on_contrast_or_the_sign():
    filters = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(orientation(-7 * filters), orientation(filters))


def test_halves_that_are_apart_are_rarely_matched_by_chance_and_equal_ones_always():
    apart = torch.cat([torch.zeros(8), torch.ones(8)]) + 0.01 * torch.arange(16)
    assert chance_of_halves(apart) < 0.002
    assert chance_of_halves(torch.tensor([1.0, 2.0, 2.0, 1.0])) == 1
    assert chance_of_halves(apart) == chance_of_halves(apart)
