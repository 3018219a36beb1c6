"""Windows show what each of them reads."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from alexnet_lib.figures.windows import (
    convolution_figure,
    draw_windows,
    pooling_figure,
    staircase,
    windows_figure,
)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def drawn(ax):
    """What a staircase shows: the pixels that each window reads, and all that are hatched."""
    (image,) = ax.images
    left = image.get_extent()[0] + 0.5
    lines = [left + np.flatnonzero(line == 2) for line in image.get_array()]
    corners = [patch.get_path().vertices[::5, 0] + 0.5 for patch in ax.patches]
    return [list(line.astype(int)) for line in lines], np.concatenate([[], *corners]).tolist()


@pytest.mark.parametrize(
    ("layer", "read", "hatched"),
    [
        ((7, 3, 2), [[1, 2, 3], [3, 4, 5], [5, 6, 7]], []),
        ((8, 3, 2), [[1, 2, 3], [3, 4, 5], [5, 6, 7]], [8]),
        ((5, 3, 2, 1), [[0, 1, 2], [2, 3, 4], [4, 5, 6]], []),
        ((7, 3, 2, 0, 2), [[1, 3, 5], [3, 5, 7]], [2, 4, 6]),
        ((4, 3, 2, 0, 1, True), [[1, 2, 3], [3, 4, 5]], []),
        ((5, 1, 4), [[1], [5]], [2, 3, 4]),
    ],
)
def test_staircase_fills_what_each_window_reads_and_hatches_what_none_reads(
    ax, layer, read, hatched
):
    staircase(ax, *layer)
    assert drawn(ax) == (read, hatched)


@pytest.mark.parametrize("layer", [(9, 3, 2, 1, 1), (11, 3, 2, 0, 2), (12, 5, 3, 2, 1)])
def test_staircase_fills_the_pixels_that_a_gradient_reaches(ax, layer):
    size, kernel_size, stride, padding, dilation = layer
    convolution = nn.Conv1d(1, 1, kernel_size, stride, padding, dilation, bias=False)
    nn.init.ones_(convolution.weight)
    pixels = torch.ones(1, 1, size, requires_grad=True)
    staircase(ax, *layer)
    for value, read in zip(convolution(pixels)[0, 0], drawn(ax)[0], strict=True):
        (gradient,) = torch.autograd.grad(value, pixels, retain_graph=True)
        reached = (gradient[0, 0].nonzero()[:, 0] + 1).tolist()
        assert [pixel for pixel in read if 1 <= pixel <= size] == reached


def test_padding_and_what_lies_over_the_edge_is_gray(ax):
    staircase(ax, 4, 3, 2, 1, 1, True)
    shades = ax.images[0].get_array()
    assert shades[1, 0] == 1 and shades[0, 3] == 0 and shades[0, -1] == 1


def test_windows_have_the_formula_filled_in_a_dot_each_and_a_sentence():
    fig = plt.figure()
    sentence = draw_windows(fig, 24, 11, 4, 2)
    formula = "⌊(24 + 2·2 − 11) / 4⌋ + 1 = ⌊4.25⌋ + 1 = 5"
    texts = [text.get_text() for text in fig.texts]
    assert formula in texts and "25 windows (5 × 5), first and last framed" in texts
    assert sentence == f"Image 24×24, kernel 11×11, stride 4: {formula}. Output 5×5; " + (
        "columns that no window reads: 1."
    )
    (dots,) = [line for line in fig.axes[0].lines if line.get_marker() == "."]
    assert len(dots.get_xdata()) == 25 and dots.get_xdata()[0] == dots.get_ydata()[0] == 4
    plt.close(fig)


def test_windows_tell_of_ceil_and_of_the_window_that_does_not_count():
    figures = [plt.figure(), plt.figure()]
    over = draw_windows(figures[0], 24, 11, 4, ceil_mode=True)
    assert ": ⌈(24 − 11) / 4⌉ + 1 = ⌈3.25⌉ + 1 = 5. " in over
    assert over.endswith("reads: 0; the last window extends 3 beyond the edge.")
    less = draw_windows(figures[1], 4, 1, 3, 1, ceil_mode=True)
    assert "+ 1 = 3, but one would start beyond the image: 2. Output 2×2" in less
    plt.close("all")


def test_a_figure_of_windows_is_what_is_drawn_with_the_sentence_as_its_alt_text():
    layer = dict(size=9, kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True)
    fig, alt = windows_figure(**layer)
    other = plt.figure()
    assert alt == draw_windows(other, **layer)
    assert alt.startswith("Image 9×9, kernel 3×3, stride 2, dilation 2: ")
    texts = [[text.get_text() for text in one.texts] for one in (fig, other)]
    assert texts[0] == texts[1] and len(fig.axes) == 2
    plt.close("all")


def test_windows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="window of 11 pixels does not fit into 9"):
        draw_windows(plt.figure(), 9, 11)
    plt.close("all")


def test_a_convolution_shows_its_numbers_and_frames_the_first_window_and_its_result():
    image, kernel = torch.arange(20.0).reshape(4, 5), torch.ones(2, 3)
    result = nn.functional.conv2d(image[None, None], kernel[None, None])[0, 0]
    fig, alt = convolution_figure(image, kernel, result)
    for ax, grid in zip(fig.axes, (image, kernel, result), strict=True):
        assert [float(text.get_text()) for text in ax.texts] == grid.flatten().tolist()
    frames = [[(p.get_xy(), p.get_width(), p.get_height()) for p in ax.patches] for ax in fig.axes]
    assert frames == [[((-0.5, -0.5), 3, 2)], [], [((-0.5, -0.5), 1, 1)]]
    assert alt == (
        "Image, 4×5: 0 1 2 3 4 / 5 6 7 8 9 / 10 11 12 13 14 / 15 16 17 18 19. "
        "Kernel, 2×3: 1 1 1 / 1 1 1. Feature map, 3×3: 21 27 33 / 51 57 63 / 81 87 93. "
        "The first window, and its number in the map, are framed."
    )
    plt.close(fig)


@pytest.mark.parametrize("size", [2, 3])
def test_pooling_shows_the_largest_of_each_window_framed_alike(size):
    grid = torch.randperm(25).reshape(5, 5).float()
    fig, _ = pooling_figure(grid, sizes=(size,), stride=2)
    before, after = fig.axes
    wanted = torch.nn.functional.max_pool2d(grid[None], size, stride=2).flatten().tolist()
    assert [float(text.get_text()) for text in before.texts[:25]] == grid.flatten().tolist()
    assert [float(text.get_text()) for text in after.texts] == wanted
    looks = [[(line.get_color(), line.get_linestyle()) for line in ax.lines] for ax in fig.axes]
    assert looks[0] == looks[1] and len(set(looks[0])) == 4
    plt.close(fig)


def test_pooling_shades_each_number_by_the_windows_that_contain_it():
    fig, alt = pooling_figure(torch.zeros(5, 5), sizes=(2, 3), stride=2)
    shades = [ax.images[0].get_array().tolist() for ax in fig.axes[::2]]
    assert shades[0] == [[1, 1, 1, 1, 0]] * 4 + [[0] * 5]
    assert shades[1] == [[side * top for side in (1, 1, 2, 1, 1)] for top in (1, 1, 2, 1, 1)]
    legends = [[text.get_text() for text in ax.texts[25:]] for ax in fig.axes[::2]]
    assert legends[0] == ["0 windows", "1 window"]
    assert legends[1] == ["1 window", "2 windows", "4 windows"]
    zeros = " / ".join(5 * [" ".join("00000")])
    assert alt == (
        f"Max pooling of {zeros}; windows of 2×2, stride 2, side by side, 9 numbers in none of "
        "them: maxima 0 0 / 0 0; windows of 3×3, stride 2, they overlap in 9 numbers, 0 numbers in "
        "none of them: maxima 0 0 / 0 0."
    )
    plt.close(fig)
