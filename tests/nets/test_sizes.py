"""Sizes by arithmetic, against torch's layers and gradients."""

import random
import subprocess
import sys
from itertools import product
from math import nan

import pytest
import torch
from torch import nn

from alexnet_lib.nets.sizes import output_size, receptive_field


def combinations():
    """(size, kernel_size, stride, padding, dilation): all small ones, then some large ones."""
    small = product(range(1, 14), range(1, 6), range(1, 5), range(0, 3), range(1, 3))
    draw = random.Random(2012).randint
    large = [(draw(14, 80), draw(1, 12), draw(1, 14), draw(0, 6), draw(1, 4)) for _ in range(400)]
    return [*small, *large]


def side_in_torch(layer, size):
    """The side of what a layer makes of size x size zeros; None where torch refuses."""
    device = "meta" if isinstance(layer, nn.Conv2d) else "cpu"
    try:
        shape = layer(torch.zeros(1, 1, size, size, device=device)).shape
    except RuntimeError:
        return None
    assert shape[-1] == shape[-2]
    return shape[-1]


def side_here(*arguments):
    try:
        return output_size(*arguments)
    except ValueError:
        return None


def test_output_size_agrees_with_conv2d_on_legal_and_illegal_combinations():
    refused = 0
    for size, *window in combinations():
        expected = side_in_torch(nn.Conv2d(1, 1, *window, device="meta"), size)
        assert side_here(size, *window) == expected, (size, *window)
        refused += expected is None
    assert 100 < refused < 1000  # both sorts were there


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_output_size_agrees_with_max_pool2d(ceil_mode):
    for size, kernel_size, stride, padding, dilation in combinations():
        if 2 * padding > kernel_size:
            continue  # torch forbids it for pools, whatever the size
        window = (kernel_size, stride, padding, dilation)
        layer = nn.MaxPool2d(*window, ceil_mode=ceil_mode)
        expected = side_in_torch(layer, size)
        assert side_here(size, *window, ceil_mode) == expected, (size, *window)


def test_ceil_mode_drops_a_last_window_that_starts_in_the_padding_behind():
    assert output_size(5, 1, stride=3) == 2
    assert output_size(5, 2, stride=3, padding=1, ceil_mode=True) == 2  # 3 without the rule
    assert output_size(32, 3, stride=2, ceil_mode=True) == 16


def test_output_size_gives_the_papers_55_positions():
    assert output_size(227, 11, stride=4) == 55
    assert output_size(224, 11, stride=4, padding=2) == 55
    assert output_size(224, 11, stride=4) == 54
    assert output_size(224, 11, stride=4, ceil_mode=True) == 55


@pytest.mark.parametrize("bad", [0, -1, nan, 2.5, 3.0, "3", None, (3, 3)])
@pytest.mark.parametrize("name", ["size", "kernel_size", "stride", "dilation"])
def test_output_size_refuses_what_is_no_whole_number_above_0(name, bad):
    arguments = {"size": 227, "kernel_size": 11, name: bad}
    with pytest.raises(ValueError, match=rf"^{name}=.*whole number, 1 or more"):
        output_size(**arguments)


def test_output_size_refuses_negative_padding():
    with pytest.raises(ValueError, match="padding=-1: give a whole number, 0 or more"):
        output_size(227, 11, padding=-1)


def test_output_size_says_which_window_does_not_fit():
    with pytest.raises(ValueError, match="window of 7 pixels does not fit into 6 .*larger input"):
        output_size(4, 4, padding=1, dilation=2)


def seen_pixels(layers):
    """The side of the square of pixels that moves the value at the center of the last map."""
    net = nn.Sequential()
    for kernel_size, stride, *dilation in layers:
        layer = nn.Conv2d(1, 1, kernel_size, stride, dilation=(dilation or [1])[0], bias=False)
        net.append(layer)
        nn.init.ones_(layer.weight)
    image = torch.ones(1, 1, 420, 420, requires_grad=True)
    maps = net(image)
    maps[0, 0, maps.shape[2] // 2, maps.shape[3] // 2].backward()
    columns = image.grad[0, 0].any(dim=0).nonzero()
    return int(columns.max() - columns.min()) + 1


@pytest.mark.parametrize(
    "layers",
    [
        [(3, 2), (2, 3), (3, 1)],
        [(3, 1, 2), (3, 2, 3), (2, 1)],
        [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)],
    ],
)
def test_receptive_field_is_what_a_gradient_reaches(layers):
    sides = receptive_field(layers)
    assert sides == [seen_pixels(layers[: n + 1]) for n in range(len(layers))]


def test_receptive_field_refuses_layers_of_another_form():
    with pytest.raises(ValueError, match=r"\(3,\): give \(kernel_size, stride\)"):
        receptive_field([(11, 4), (3,)])
    with pytest.raises(ValueError, match=r"layer 3: give \(kernel_size, stride\)"):
        receptive_field([(11, 4), 3])
    with pytest.raises(ValueError, match="stride=0"):
        receptive_field([(11, 0)])


def test_sizes_need_no_torch():
    code = (
        "import sys; sys.argv = ['-m']; from alexnet_lib.nets.sizes import output_size; "
        "sys.exit(output_size(227, 11, 4) != 55 or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
