"""Figures of initial weights show the numbers that they are given, and say their ends."""

import math

import pytest
import torch

from alexnet_lib.figures.initialization import (
    deviation_histograms,
    signals_by_layer,
    stuck_loss_chart,
)

pytestmark = pytest.mark.usefixtures("style")


def test_a_stuck_loss_is_drawn_beside_that_of_guessing():
    losses = [3.0, 40.0, *[2.5] * 9, 2.0]
    fig, alt = stuck_loss_chart(losses, 10)
    loss, chance = fig.axes[0].lines
    assert list(loss.get_xdata()) == list(range(1, 13)) and list(loss.get_ydata()) == losses
    assert set(chance.get_ydata()) == {math.log(10)} and "2.303" in chance.get_label()
    assert fig.axes[0].get_yscale() == "log"
    assert "from 3.0 up to 40, then about 2.45" in alt and "ln 10" in alt


def test_signals_have_a_line_for_each_initialization_in_both_panels():
    forward = {"He": {"conv1": 1.0, "fc8": 2.0}, "paper": {"conv1": 0.1, "fc8": 0.001}}
    backward = {"He": {"conv1": 0.5, "fc8": 1.0}, "paper": {"conv1": 0.002, "fc8": 0.1}}
    fig, alt = signals_by_layer(forward, backward)
    for ax, rows in zip(fig.axes, (forward, backward), strict=True):
        drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
        assert drawn == {name: list(row.values()) for name, row in rows.items()}
        assert len({line.get_marker() for line in ax.lines}) == 2
    (legend,) = fig.legends
    assert [text.get_text() for text in legend.get_texts()] == ["He", "paper"]
    assert "from conv1 to fc8: He 1 to 2, paper 0.1 to 0.001" in alt
    assert alt.endswith("Gradient at conv1: He 0.5, paper 0.002.")


def test_histograms_have_a_row_for_each_initialization_on_one_axis():
    rows = {"He": {"conv1": torch.ones(7, 1), "fc8": torch.tensor([[0.0, -10.0, 0.1]])}}
    rows["paper"] = {"conv1": torch.full((5,), 1e-3), "fc8": torch.full((2,), 1e-9)}
    fig, alt = deviation_histograms(rows)
    counts = [sum(bar.get_height() for bar in ax.patches) for ax in fig.axes]
    assert counts == [7, 2, 5, 0]  # 0 is no power of ten, and 1e-9 is left of the axis
    heights = [bar.get_x() for bar in fig.axes[2].patches if bar.get_height()]
    assert heights == [pytest.approx(-3, abs=0.2)]
    assert [ax.get_ylabel() for ax in fig.axes] == ["He", "", "paper", ""]
    assert [ax.get_title() for ax in fig.axes] == ["conv1", "fc8", "", ""]
    assert "conv1 and fc8: He 10^0.0 to 10^-1.0; paper 10^-3.0 to 10^-9.0" in alt


def test_histograms_count_every_so_many_values_of_a_large_layer():
    fig, _ = deviation_histograms({"He": {"conv1": torch.ones(250_000), "fc8": torch.ones(9)}})
    counts = [sum(bar.get_height() for bar in ax.patches) for ax in fig.axes]
    assert counts == [83_334, 9]
