"""Maps of what an answer depends on, for networks whose answer is known."""

import pytest
import torch
from torch import nn

from alexnet_lib.training.attribution import (
    gradient_times_input,
    occlusion_map,
    occlusion_maps,
)


class OnePixel(nn.Module):
    """Logits that depend on the first color of one pixel only."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(3.0))

    def forward(self, images):
        seen = self.weight * images[:, 0, 2, 5]
        return torch.stack([seen, -seen], 1)


IMAGE = torch.ones(3, 8, 8)


def test_covering_the_pixel_that_counts_lowers_the_probability_and_nothing_else_does():
    drops = occlusion_map(OnePixel(), IMAGE, label=0, side=2, stride=1)
    assert drops.shape == (7, 7)
    fall = torch.tensor([3.0, -3.0]).softmax(0)[0] - 0.5
    expected = torch.zeros(7, 7)
    expected[1:3, 4:6] = fall  # squares whose upper left corner is at most one pixel away
    torch.testing.assert_close(drops, expected)


def test_for_the_other_class_covering_raises_the_probability():
    assert occlusion_map(OnePixel(), IMAGE, label=1, side=8).item() < 0


def test_the_square_moves_by_the_stride_and_stays_in_the_image():
    assert occlusion_map(OnePixel(), torch.ones(3, 32, 32), 0, side=8, stride=2).shape == (13, 13)


def test_several_images_have_a_map_each_of_their_own_label():
    images, options = torch.stack([IMAGE, 2 * IMAGE]), dict(side=4, stride=4)
    found = occlusion_maps(OnePixel(), images, torch.tensor([0, 1]), **options)
    both = [occlusion_map(OnePixel(), images[n], n, **options) for n in range(2)]
    torch.testing.assert_close(found, torch.stack(both))


@pytest.mark.parametrize("options", [{"side": 9}, {"side": 0}, {"stride": 0}])
def test_a_square_that_does_not_fit_is_refused(options):
    with pytest.raises(ValueError, match="does not fit 8 pixels"):
        occlusion_map(OnePixel(), IMAGE, 0, **options)


def test_gradient_times_input_finds_the_pixel_and_how_much_it_counts():
    found = gradient_times_input(OnePixel(), torch.stack([IMAGE, 2 * IMAGE]), torch.tensor([0, 1]))
    expected = torch.zeros(2, 8, 8)
    expected[:, 2, 5] = torch.tensor([3.0, 6.0])
    torch.testing.assert_close(found, expected)


def test_gradient_times_input_adds_the_colors_with_their_signs():
    net, images = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), torch.randn(1, 3, 2, 2)
    found = gradient_times_input(net, images, torch.tensor([1]))
    expected = (net[1].weight[1].view(3, 2, 2) * images[0]).sum(0).abs().detach()
    torch.testing.assert_close(found[0], expected)


def test_neither_leaves_gradients_or_another_mode_behind():
    net = OnePixel().train()
    occlusion_map(net, IMAGE, 0)
    gradient_times_input(net, IMAGE[None], torch.tensor([0]))
    assert net.training and net.weight.grad is None
