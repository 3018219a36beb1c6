"""The chart of all claims shows what the recorded runs say, and no more."""

import pytest
from matplotlib.text import Text
from paper_helpers import record

from alexnet_lib.figures import claims_chart as chart
from alexnet_lib.figures.claims_chart import (
    ERROR_PANEL,
    GAP_PANEL,
    PANELS,
    ROWS,
    TIMES_PANEL,
    Outcome,
    Row,
    claim_changes,
    claims_chart,
    outcome,
)
from alexnet_lib.paper.experiments import ARMS, EXPERIMENTS, GRIDS

pytestmark = pytest.mark.usefixtures("style")


def words(fig):
    return [text.get_text() for text in fig.findobj(Text) if text.get_text()]


def test_the_chart_of_all_claims_has_what_is_recorded_with_three_seeds(tmp_path):
    assert claim_changes(tmp_path) == []
    record(tmp_path, "raw", [32, 33, 32.5])
    record(tmp_path, "raw, LRN", [32, 33])
    record(tmp_path, "pools 2x2", [32, 33, 32.5])
    record(tmp_path, "four-layer", [30, 31, 29.5])
    found = {(row.panel, row.words): sides for row, *sides in claim_changes(tmp_path)}
    assert found[ERROR_PANEL, "3.4  overlapping pools"] == [[-0.5, 0.5, 0], [-2.5, -1.5, -3.0]]
    assert found[ERROR_PANEL, "6  ten views"] == [[0], [-2, -2, -2]]
    assert set(found) == {
        (ERROR_PANEL, "3.4  overlapping pools"),
        (ERROR_PANEL, "6  ten views"),
        (GAP_PANEL, "3.4  overlapping pools"),
    }


def test_steps_are_compared_as_times_and_those_that_never_got_there_are_a_bound(tmp_path):
    for name in [name for group in EXPERIMENTS["relu"].groups for name in group]:
        never = name.startswith("race tanh code-2012")
        record(tmp_path, name, [1, 1, 1], training=40 if never else 15)
    found = {row.words: sides for row, *sides in claim_changes(tmp_path)}
    assert found["3.1  tanh, He"] == [[1, 1, 1], [1, 1, 1]]
    bound = found["3.1  tanh, cuda-convnet: at least"]
    assert len(found) == 2 and bound[0] == [1, 1, 1] and min(bound[1]) > 1


def test_a_row_says_whether_it_changed_as_the_paper_says():
    lower, times = Row(ERROR_PANEL, "", "", ""), Row(TIMES_PANEL, "", "", "")
    assert outcome(lower, [0.1, -0.1], [-1, -1.1]) == Outcome.AS_THE_PAPER
    assert outcome(lower, [0.1, -0.1], [1, 1.1]) == Outcome.OTHER_WAY
    assert outcome(lower, [0.5, -0.5], [-0.9, -0.9]) == Outcome.NO_DIFFERENCE
    assert outcome(times, [1.1, 0.9], [2, 2]) == Outcome.AS_THE_PAPER
    assert outcome(times, [1.1, 0.9], [0.5, 0.5]) == Outcome.OTHER_WAY


def test_the_chart_of_all_claims_draws_each_seed():
    found = [
        (ROWS[0], [0.1, -0.1, 0.0], [-1.0, -1.2, -1.1]),
        (Row(GAP_PANEL, "pools", "", ""), [0.5, -0.5], [0.2]),
    ]
    fig = claims_chart(found)
    errors, gaps = fig.axes
    drawn = [list(line.get_xdata()) for line in errors.get_lines()]
    assert [0.1, -0.1, 0.0] in drawn and [-1.0, -1.2, -1.1] in drawn and [-1.7] in drawn
    legend = {one.value for one in Outcome}
    assert {ROWS[0].words, "pools", ERROR_PANEL.title, GAP_PANEL.title, *legend} <= set(words(fig))
    assert [0.2] in [list(line.get_xdata()) for line in gaps.get_lines()]


def test_arms_of_the_chart_are_arms_or_grids_of_them():
    for row in ROWS:
        for arm in (row.before, row.after):
            assert arm in ARMS if isinstance(arm, str) else arm in GRIDS.values()


def test_letters_are_large_enough_to_project():
    fig = claims_chart([(row, [0.1, -0.1], [1.0, 1.1]) for row in ROWS])
    fig.canvas.draw()
    sizes = [text.get_fontsize() for text in fig.findobj(Text) if text.get_text().strip()]
    assert min(sizes) >= 12


def test_the_words_of_rows_and_panels_decide_nothing(monkeypatch):
    def positions():
        axes = claims_chart(claim_changes()).axes
        return [(ax.get_position().bounds, ax.get_lines()[0].get_xdata()) for ax in axes]

    numbers, places = [sides for _, *sides in claim_changes()], positions()
    other = {panel: panel._replace(title=f"panel {n}") for n, panel in enumerate(PANELS)}
    rows = [row._replace(panel=other[row.panel], words=f"row {n}") for n, row in enumerate(ROWS)]
    monkeypatch.setattr(chart, "ROWS", rows)
    monkeypatch.setattr(chart, "PANELS", tuple(other.values()))
    monkeypatch.setattr(chart, "ERROR_PANEL", other[ERROR_PANEL])
    assert [sides for _, *sides in claim_changes()] == numbers and len(numbers) > 20
    assert positions() == places
