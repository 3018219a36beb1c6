"""The forest plot of all claims shows what the recorded runs say, and no more."""

import pytest
from matplotlib.text import Text
from paper_helpers import record

from alexnet_lib.figures.claims_chart import (
    ERROR_PANEL,
    LOOKS,
    OTHER_PANELS,
    claim_results,
    claims_chart,
)
from alexnet_lib.paper.comparisons import COMPARISONS, Result
from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED, PairedDifference

pytestmark = pytest.mark.usefixtures("style")
POOLS = next(one for one in COMPARISONS if one.words == "3.4  overlapping pools")


def words(fig):
    return [text.get_text() for text in fig.findobj(Text) if text.get_text()]


def result(comparison=POOLS, verdict=HOLDS, mean=-1.0):
    half = 0.2 * abs(mean)
    values = (mean - half / 2, mean, mean + half / 2)
    found = PairedDifference(mean, mean - half, mean + half, values)
    return Result(comparison, found, verdict, (), (), False, 3, None)


def lines(ax):
    return [(list(line.get_xdata()), line.get_color()) for line in ax.get_lines()]


def test_the_plot_has_what_is_recorded_with_three_pairs_of_runs(tmp_path):
    assert claim_results(tmp_path) == []
    record(tmp_path, "half as wide", [32, 33, 32.5])
    record(tmp_path, "two towers", [32, 33])
    record(tmp_path, "max pools 2x2", [32, 33, 32.5])
    record(tmp_path, "max pools", [30, 31, 29.5])
    found = [(one.comparison.words, one.comparison.measure) for one in claim_results(tmp_path)]
    assert [name for name, _ in found] == ["3.4  overlapping pools"] * 2 + ["6  ten views"]


def test_each_comparison_has_a_panel():
    panels = ERROR_PANEL, *OTHER_PANELS
    for one in COMPARISONS:
        assert sum(one.measure in panel.measures for panel in panels) == 1
    for panel in panels:
        assert len({measure.is_ratio for measure in panel.measures}) == 1


@pytest.mark.parametrize("verdict", [HOLDS, NOT, NOT_SETTLED])
def test_a_row_shows_the_seeds_the_interval_the_mean_and_the_papers_number(verdict):
    found = result(verdict=verdict)
    (ax,) = claims_chart([found]).axes
    color = LOOKS[verdict][0]
    drawn = lines(ax)
    assert ([found.found.low, found.found.high], color) in drawn
    assert ([found.found.mean], color) in drawn and (list(found.found.values), color) in drawn
    assert [POOLS.paper] in [numbers for numbers, _ in drawn]
    assert {POOLS.words, ERROR_PANEL.title, *LOOKS} <= set(words(ax.figure))


def test_the_band_holds_what_is_too_small_to_matter():
    (ax,) = claims_chart([result()]).axes
    left, right = ax.collections[0].get_datalim(ax.transData).intervalx
    assert (left, right) == pytest.approx((POOLS.smallest, -POOLS.smallest))


def test_ratios_are_on_a_logarithmic_axis_around_1():
    race = next(one for one in COMPARISONS if one.measure.is_ratio)
    (ax,) = claims_chart([result(race, mean=4.0)]).axes
    assert ax.get_xscale() == "log" and [1, 1] in [numbers for numbers, _ in lines(ax)]
    left, right = ax.collections[0].get_datalim(ax.transData).intervalx
    assert (left, right) == pytest.approx((1 / race.smallest, race.smallest))


def test_labels_stay_out_of_the_axes_and_letters_are_large_enough_to_project():
    fig = claims_chart([result(one, mean=one.smallest) for one in COMPARISONS])
    fig.canvas.draw()
    sizes = [text.get_fontsize() for text in fig.findobj(Text) if text.get_text().strip()]
    assert min(sizes) >= 12
    for ax in fig.axes:
        inside = ax.get_window_extent()
        for text in ax.texts:
            box = text.get_window_extent()
            above = box.y0 >= inside.y1
            assert above or box.x1 <= inside.x0, text.get_text()
