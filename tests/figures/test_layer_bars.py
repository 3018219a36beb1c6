"""Bars by layer are as long as the numbers of the layer table, and are told in words."""

import pytest

from alexnet_lib.figures.layer_bars import layer_bars, layer_table_bars
from alexnet_lib.nets.layer_table import layer_table

pytestmark = pytest.mark.usefixtures("style")


def widths(ax):
    """{layer: the length of its bar}, from top to bottom as drawn."""
    names = [label.get_text() for label in ax.figure.axes[0].get_yticklabels()]  # of all panels
    lengths = [bar.get_width() for bar in ax.patches]
    top, bottom = ax.get_ylim()[::-1]
    assert top < bottom, "the first layer is on top"
    return dict(zip(names, lengths, strict=True))


def rows():
    return [row for row in layer_table("paper", 227, 1000) if row.parameters]


def test_bars_of_a_table_are_in_millions():
    fig, alt = layer_table_bars(rows(), "parameters", "macs")
    left, right = fig.axes
    assert widths(left) == {row.name: row.parameters / 1e6 for row in rows()}
    assert widths(right)["conv2"] == pytest.approx(223.9488)
    assert left.get_title() == "Parameters (millions)"
    assert [text.get_text() for text in left.texts][-3:] == ["37.8", "16.8", "4.1"]
    assert "Parameters (millions): fc6 37.8, fc7 16.8, fc8 4.1, conv3 0.885" in alt
    assert "Multiply-adds per image (millions): conv2 224, conv3 150" in alt


def test_shares_are_in_percent_of_the_rows():
    fig, alt = layer_table_bars(rows(), "bytes", shares=True)
    found = widths(fig.axes[0])
    assert sum(found.values()) == pytest.approx(100)
    assert found["conv1"] == pytest.approx(100 * 290_400 / 659_272)
    assert alt.startswith("Bars by layer. Bytes of output (% of all): conv1 44, conv2 28.3,")


def test_panels_have_the_layers_of_the_first_and_kinds_have_colors():
    times = {"conv1": 2.0, "lrn1": 1.0, "pool1": 3.0, "fc6": 0.5}
    fig, alt = layer_bars({"Time": times, "Work": {"relu1": 7, **dict.fromkeys(times, 4)}})
    assert [list(widths(ax)) for ax in fig.axes] == [list(times)] * 2
    assert "Time: pool1 3, conv1 2, lrn1 1, fc6 0.5." in alt and "relu1" not in alt
    colors = {bar.get_facecolor() for bar in fig.axes[0].patches}
    assert len(colors) == 4


def test_names_do_not_touch_those_of_the_next_layer():
    fig, _ = layer_bars({"Time": {f"conv{number}": 1.0 for number in range(13)}})
    fig.canvas.draw()
    boxes = [label.get_window_extent() for label in fig.axes[0].get_yticklabels()]
    assert all(above.y0 > below.y1 for above, below in zip(boxes, boxes[1:], strict=False))
