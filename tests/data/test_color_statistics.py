"""Mean, standard deviation and principal components are those of the pixels."""

import pytest
import torch
from torch.testing import assert_close

from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageSet


def test_color_components_reproduce_the_covariance():
    random = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (300, 3, 8, 8), generator=random, dtype=torch.uint8)
    pixels[:, 1] = (0.5 * pixels[:, 0] + 0.5 * pixels[:, 1]).to(torch.uint8)  # red and green agree
    data = ImageSet(pixels, torch.arange(300) % 3, ("a", "b", "c"), "mixed")
    statistics = color_statistics(data)
    pixels = data.images.transpose(0, 1).reshape(3, -1).double()
    covariance = torch.cov(pixels, correction=0).float()
    assert_close(statistics.components @ statistics.components.T, covariance, rtol=1e-4, atol=1e-2)
    assert_close(statistics.mean, pixels.mean(1).float(), rtol=1e-5, atol=0)
    assert_close(statistics.std, pixels.std(1, correction=0).float(), rtol=1e-4, atol=0)


def test_statistics_of_pale_images_are_as_precise():
    random = torch.Generator().manual_seed(0)
    pixels = torch.randint(253, 256, (2000, 3, 16, 16), generator=random, dtype=torch.uint8)
    data = ImageSet(pixels, torch.arange(2000) % 2, ("a", "b"), "pale")
    std = pixels.double().std((0, 2, 3), correction=0).float()
    assert_close(color_statistics(data).std, std, rtol=1e-6, atol=0)


def test_no_images_have_no_colors():
    none = ImageSet(torch.empty(0, 3, 8, 8, dtype=torch.uint8), torch.arange(0), ("a",), "none")
    with pytest.raises(ValueError, match="there are no images"):
        color_statistics(none)
