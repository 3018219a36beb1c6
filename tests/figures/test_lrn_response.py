"""Strong units damp their neighbors, and the picture of it says so in its numbers."""

import matplotlib.pyplot as plt
import pytest
import torch

from alexnet_lib.figures import lrn_response as inhibition
from alexnet_lib.figures.lrn_response import (
    draw_lrn_response,
    lrn_activations,
    lrn_responses,
    lrn_scale_chart,
)

PAPER = dict(n=5, alpha=1e-4, beta=0.75, k=2.0)


@pytest.fixture
def figure():
    yield plt.figure(figsize=(10, 5))
    plt.close()


def test_responses_are_those_of_the_printed_formula():
    responses = lrn_responses(**PAPER)
    between = 40 / (2 + 1e-4 * (2 * 120**2 + 3 * 40**2)) ** 0.75
    assert responses[inhibition.BETWEEN].item() == pytest.approx(between)
    assert responses[0].item() == pytest.approx(40 / (2 + 1e-4 * 3 * 40**2) ** 0.75)


def test_a_weak_unit_keeps_less_the_more_strong_ones_are_near():
    kept = lrn_responses(**PAPER) / lrn_activations()
    assert kept[inhibition.FAR] > kept[inhibition.BESIDE] > kept[inhibition.BETWEEN]


def test_the_picture_shows_before_factor_and_after(figure):
    draw_lrn_response(figure, **PAPER)
    assert [text.get_text() for text in figure.texts] == ["before: a", "after: b", "factor: b / a"]
    above, below, between = figure.axes
    heights = [
        torch.tensor([bar[1][1] for bar in ax.collections[0].get_segments()])
        for ax in (above, below)
    ]
    wanted = [lrn_activations().double(), lrn_responses(**PAPER).double()]
    torch.testing.assert_close(heights, wanted)
    (dots,) = between.lines
    torch.testing.assert_close(torch.as_tensor(dots.get_ydata()).double(), wanted[1] / wanted[0])


def test_the_picture_says_what_each_unit_keeps(figure):
    said = draw_lrn_response(figure, **PAPER)
    assert "keeps 46 % far from them, 35 % beside one and 28 % between two" in said
    assert "1.36 times its flank, channel 26, before and 1.17 times after" in said


def test_without_neighbors_all_keep_the_same(figure):
    said = draw_lrn_response(figure, **PAPER | {"alpha": 0.0})
    assert "keeps 59 % far from them, 59 % beside one and 59 % between" in said


def test_numbers_that_make_no_sense_are_refused(figure):
    with pytest.raises(ValueError, match="k=0"):
        draw_lrn_response(figure, **PAPER | {"k": 0})


def test_the_chart_of_scales_names_its_bars_its_dots_and_the_border():
    figure, alt = lrn_scale_chart({"small": (0.01, 0.1, 1.0), "large": (10.0, 100.0, 1000.0)})
    top, below = figure.axes
    x, y = top.lines[0].get_data()
    assert y[0] == pytest.approx(2**-0.75, abs=1e-4)
    assert x[(torch.as_tensor(y) < 4**-0.75).nonzero()[0, 0]] == pytest.approx(141, rel=0.1)
    words = [text.get_text() for ax in figure.axes for text in ax.get_legend().get_texts()]
    assert sorted(words) == ["98 % of the units", "the border, 141", "their median"]
    assert [(bar.get_x(), bar.get_width()) for bar in below.patches] == [
        (0.01, 0.99),
        (10.0, 990.0),
    ]
    assert "around 141" in alt and "small 0.01 to 1, large 10 to 1e+03" in alt
    plt.close(figure)
