"""Figures of receptive fields show what a value depends on, and no more."""

import pytest
import torch
from torch import nn

from alexnet_lib.figures.receptive_fields import gradient_squares, receptive_pyramid
from alexnet_lib.nets.sizes import receptive_field

pytestmark = pytest.mark.usefixtures("style")


def filled(fig):
    """The places of the filled squares, from the pixels up."""
    found = []
    for dots in fig.axes[0].collections:
        colors = dots.get_facecolor()
        white = (colors[:, :3] == 1).all(1)
        found.append(dots.get_offsets()[~white][:, 0].tolist())
    return found


def test_the_pyramid_fills_what_the_first_value_reads():
    fig, alt = receptive_pyramid(9, [(3, 2), (3, 1)])
    assert filled(fig) == [[1, 2, 3, 4, 5, 6, 7], [2, 4, 6], [4]]
    assert [len(dots.get_offsets()) for dots in fig.axes[0].collections] == [9, 4, 2]
    assert alt == (
        "The first value of layer 2 reads 3 of layer 1, and so the pixels 1 to 7, which are filled."
    )


@pytest.mark.parametrize("windows", [[(3, 2), (2, 2)], [(2, 1), (3, 2), (2, 1)], [(5, 3)]])
def test_the_pyramid_fills_as_many_pixels_as_the_receptive_field(windows):
    fig, alt = receptive_pyramid(14, windows)
    side = receptive_field(windows)[-1]
    assert filled(fig)[0] == list(range(1, side + 1)) and f"the pixels 1 to {side}" in alt


def test_a_value_is_joined_to_each_that_it_reads():
    fig, _ = receptive_pyramid(9, [(3, 2), (3, 1)])
    ends = {tuple(map(tuple, line.get_xydata())) for line in fig.axes[0].lines}
    above = {((x, 2), (x + step, 1)) for x in (4, 6) for step in (-2, 0, 2)}
    below = {((x, 1), (x + step, 0)) for x in (2, 4, 6, 8) for step in (-1, 0, 1)}
    assert ends == above | below
    dark = [line for line in fig.axes[0].lines if line.get_color() == "0.2"]
    assert len(dark) == 3 + 3 * 3


def test_squares_frame_what_is_not_zero():
    net = nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, bias=False))
    for layer in net:
        nn.init.ones_(layer.weight)
    image = torch.ones(1, 1, 20, 30, requires_grad=True)
    net(image)[0, 0, 4, 10].backward()
    alone = torch.zeros(20, 30)
    alone[7:9, 2:5] = 1
    fig, alt = gradient_squares({"conv2": image.grad[0, 0], "other": alone})
    (frame,), (other,) = (ax.patches for ax in fig.axes)
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((9.5, 3.5), 5, 5)
    assert (other.get_xy(), other.get_width(), other.get_height()) == ((1.5, 6.5), 3, 2)
    assert fig.axes[0].get_title() == "conv2: 5×5"
    assert fig.axes[0].images[0].get_array().max() == pytest.approx(3)  # the root of 3·3 paths
    assert alt == (
        "What one value depends on in an image of 20×30, framed: "
        "conv2 5×5, brightest in the middle; other 2×3."
    )
