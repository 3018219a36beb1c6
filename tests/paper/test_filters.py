"""Filters are kept as an image, and their share of color is measured."""

import torch

from alexnet_lib.paper.filters import color_share, filters_image, read_filters


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
