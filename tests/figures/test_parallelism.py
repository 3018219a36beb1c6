"""The figure of what is sent crosses where parameters and inputs say."""

import pytest

from alexnet_lib.figures.parallelism import break_even_figure

LAYERS = {"conv2": (2_000_000, 300_000), "conv5": (1_000_000, 100_000), "fc6": (8_000_000, 4_000)}


def test_the_lines_of_a_kind_cross_at_its_break_even_batch(style):
    fig, alt = break_even_figure(LAYERS)
    (ax,) = fig.axes
    lines = {line.get_label(): line.get_xydata() for line in ax.get_lines()}
    dots = [line.get_xydata()[0] for line in ax.get_lines() if len(line.get_xydata()) == 1]
    assert [dot.tolist() for dot in dots] == [[7.5, 12.0], [2000, 32.0]]
    for kind, dot in zip(("conv", "fc"), dots, strict=True):
        data, layers = (lines[f"{kind}: {part} split"] for part in ("data", "layers"))
        assert (data[:, 1] == dot[1]).all()
        assert layers[:, 1] / layers[:, 0] == pytest.approx(dot[1] / dot[0])
    assert [text.get_text() for text in ax.texts] == ["8", "2,000"]
    assert "conv2 to conv5 send less with the data split from 8 images on, fc6 to fc6 from" in alt
    assert "they send 12 MB and 32 MB per step" in alt


def test_the_papers_batch_is_marked(style):
    fig, _ = break_even_figure(LAYERS)
    (line,) = (line for line in fig.axes[0].get_lines() if "paper" in line.get_label())
    assert set(line.get_xdata()) == {128} and line.get_linestyle() == ":"
    assert len(fig.axes[0].get_legend().get_texts()) == 5
