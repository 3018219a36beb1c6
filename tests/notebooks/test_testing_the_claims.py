"""Notebook 08 says of each claim what its runs say today, and no more."""

import json
import math
import re
from pathlib import Path

import nbformat
import pytest

from alexnet_lib.paper.arms import ARMS, GRIDS, OWN_GRIDS
from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.comparisons import compare, comparisons_of
from alexnet_lib.paper.experiments import EXPERIMENTS, WITHOUT_SHORT_FORM, representative
from alexnet_lib.paper.records import CLAIMS_FOLDER, recorded_runs
from alexnet_lib.paper.statistics import (
    HOLDS,
    NOT,
    NOT_SETTLED,
    judge,
    paired_difference,
)
from alexnet_lib.paper.verdict_rules import SPECIALIZED
from alexnet_lib.paper.verdicts import verdict_on, verdict_table, verdict_text
from alexnet_lib.training.recipe import Recipe, learning_rate

COURSE = Path(__file__).parents[2]
CELLS = nbformat.read(COURSE / "notebooks" / "08_testing_the_claims.ipynb", as_version=4).cells
TESTED = [claim for experiment in EXPERIMENTS.values() for claim in experiment.claims]
TESTING = [name for name, experiment in EXPERIMENTS.items() if experiment.claims]
TEXT = {cell.id: cell.source for cell in CELLS if cell.cell_type == "markdown"}
CODE = {cell.id: cell for cell in CELLS if cell.cell_type == "code"}

# What the text takes for granted: where such a verdict changes, it is to be written anew.
WRITTEN_FOR = {
    "six times faster": HOLDS,
    "two GPUs": HOLDS,
    "two kinds of filters": NOT,
    "no layer to spare": NOT,
    "depth": NOT_SETTLED,
    "LRN on CIFAR-10": NOT,
    "overlapping pools": NOT,
    "pools and overfitting": HOLDS,
    "crops and flips": HOLDS,
    "color": NOT,
    "ten views": HOLDS,
    "dropout": HOLDS,
    "dropout takes longer": HOLDS,
    "weight decay": NOT,
    "learning-rate decay": HOLDS,
    "biases of 1": NOT,
}


def shown(cell):
    """What a cell displays in Markdown."""
    return [output.data["text/markdown"] for output in cell.outputs if "data" in output
            and "text/markdown" in output.data]  # fmt: skip


@pytest.mark.parametrize("claim", TESTED)
def test_each_verdict_in_the_notebook_is_that_of_todays_runs(claim):
    words = next(each.claim for each in CLAIMS if each.name == claim)
    reports = [text for cell in CODE.values() for text in shown(cell) if words in text]
    assert f"“{words}” {verdict_text(claim)}" in reports, (
        "run: python tools/execute.py notebooks/08…"
    )


def test_the_table_at_the_end_is_that_of_todays_runs():
    assert shown(CODE["all-code"]) == [verdict_table(tested_only=True)]


@pytest.mark.parametrize("claim", WRITTEN_FOR)
def test_the_text_was_written_for_todays_verdict(claim):
    assert verdict_on(claim).verdict == WRITTEN_FOR[claim], "write the section's text again"


@pytest.mark.parametrize("name", TESTING)
def test_each_experiment_has_its_arms_its_report_and_what_it_means(name):
    arms = CODE[f"{name}-arms"].source
    assert "differences_table(" in arms and f'"{name}"' in arms
    assert sum(f'report("{name}"' in cell.source for cell in CODE.values()) == 1
    assert len(TEXT[f"{name}-means"].split()) > 20


@pytest.mark.parametrize("name", TESTING)
def test_what_it_means_states_no_measured_number(name):
    text = re.sub(r"N\(0, 0\.01\)|\b8\.\d+", "", TEXT[f"{name}-means"])  # weights, sections
    assert re.findall(r"\d\.\d|\d ?%|\d points?", text) == []


def test_one_short_experiment_runs_unless_the_reader_wants_others():
    source = CODE["rerun"].source
    assert 'RERUN = {"pooling"}' in source and "pooling" in EXPERIMENTS
    assert "nbval-ignore-output" in CODE["rerun"].metadata["tags"]


def test_cells_that_only_read_recorded_runs_are_compared():
    for name in EXPERIMENTS:
        cells = [cell for cell in CODE.values() if f'report("{name}"' in cell.source]
        assert all("tags" not in cell.metadata for cell in cells)


def test_every_tested_claim_has_text_that_was_written_for_its_verdict():
    assert set(WRITTEN_FOR) == set(TESTED)


def result(claim, place=0):
    return compare(comparisons_of(claim)[place], CLAIMS_FOLDER)


def errors(name):
    return [run.test_error for run in recorded_runs(CLAIMS_FOLDER, name).values()]


def test_the_text_says_how_long_the_short_forms_take():
    found = json.loads((CLAIMS_FOLDER.parent / "benchmarks" / "shorts-cpu.json").read_text("utf-8"))
    timed = [name for name in EXPERIMENTS if name not in WITHOUT_SHORT_FORM]
    assert list(found["seconds"]) == timed and found["machine"]["cores"] == 2
    assert "each takes less than a minute on two cores" in CODE["rerun"].source
    assert max(found["seconds"].values()) < 60


def test_what_the_text_says_of_the_best_net_is_so():
    runs = recorded_runs(CLAIMS_FOLDER, "best").values()
    assert len(runs) == 3
    assert all(0.115 < run.ten_views_error < run.test_error for run in runs)
    wider = runs_of("cifar, wider")
    assert len(wider) == 3 and all(0.115 < run.ten_views_error < 0.13 for run in wider)


def runs_of(name):
    return list(recorded_runs(CLAIMS_FOLDER, name).values())


def gap_of(name):
    return [run.gap for run in runs_of(name)]


def test_what_the_text_says_of_relu_is_so():
    decides, with_he = result("six times faster"), result("six times faster", 1)
    assert decides.found.low > 3 and with_he.found.low < 1 < with_he.found.high
    assert round(decides.found.mean) == 4 and "four times as\nfast" in TEXT["relu-means"]
    assert decides.found.high < decides.comparison.paper == 2 * decides.comparison.smallest
    assert (len(with_he.found.values), with_he.pairs) == (4, 5)
    for group in GRIDS.values():  # no fastest rate is at the edge of those tried
        assert representative(group) in group[1:-1]
    slow = [run for run in runs_of("race relu he 0.03") if run.steps_until(0.25) is None]
    others = [run for run in runs_of("race relu he 0.03") if run.seed != slow[0].seed]
    assert len(slow) == 1 and '"4 of 5 seeds"' in TEXT["relu-means"]
    for row, *rows in zip(*(run.epochs for run in (*slow, *others)), strict=False):
        assert row.train_error > max(other.train_error for other in rows)


def test_what_the_text_says_of_lrn_is_so():
    raw, factor, scaled, control = (result("LRN on CIFAR-10", place) for place in range(4))
    for one in (raw, factor):
        assert one.found.low < 0 < one.found.high and one.found.low > one.comparison.smallest
    assert scaled.found.low > 0 and control.found.low < 0 < control.found.high
    chosen = [representative(OWN_GRIDS[name]) for name in ("raw", "raw, LRN", "raw, factors")]
    assert chosen == [OWN_GRIDS[name][-1] for name in ("raw", "raw, LRN", "raw, factors")]
    last = [runs_of(name)[0].final("validation_error") for name in chosen]
    assert max(last) - min(last) < 0.005 and {len(runs_of(name)) for name in chosen} == {5}
    without, with_lrn = gap_of(chosen[0]), gap_of(chosen[1])
    assert all(after < before for before, after in zip(without, with_lrn, strict=True))


def test_what_the_text_says_of_pools_is_so():
    error, gap = result("overlapping pools"), result("pools and overfitting")
    assert error.found.low > error.comparison.smallest == error.comparison.paper / 2
    assert gap.found.high < 0 and len(error.found.values) == len(gap.found.values) == 10
    for one in (error, gap):
        five = paired_difference(one.before[:5], one.after[:5])
        assert judge(five, one.comparison.smallest) == NOT_SETTLED


def test_what_the_text_says_of_augmentation_is_so():
    assert max(1 - run.train_sample["top1"] for run in runs_of("no augmentation")) < 0.005
    assert max(result("crops and flips").found.values) < 0
    assert max(result("crops and flips", 1).found.values) < 0
    color, views = result("color").found, result("ten views").found
    assert color.low > 0 and max(views.values) < 0


def test_what_the_text_says_of_learning_rate_decay_is_so():
    assert result("learning-rate decay").found.high < 0
    rates = [[row.learning_rate for row in run.epochs] for run in runs_of("plateau rule")]
    drops = {len(set(one)) - 1 for one in rates}
    assert min(drops) == 1 and len(drops) > 1 and len({one.index(min(one)) for one in rates}) > 1
    for run in runs_of("plateau rule"):
        errors = {rate: [] for rate in dict.fromkeys(row.learning_rate for row in run.epochs)}
        for row in run.epochs:
            errors[row.learning_rate].append(row.validation_error)
        first, *later = errors.values()
        assert max(max(one) for one in later) < min(first)


def test_what_the_text_says_of_dropout_is_so():
    longer = result("dropout takes longer").found
    assert min(longer.values) > 1 and longer.high < 2
    assert max(result("dropout").found.values) < 0 and min(gap_of("dropout")) > 0.25


def test_what_the_text_says_of_weight_decay_is_so():
    training, new = (result("weight decay", place).found for place in range(2))
    assert min(training.values) > 0 and new.high < 0
    alone = sum(
        learning_rate(Recipe(learning_rate=0.03, epochs=30), [], place / 4710) * 0.0005 / 0.1
        for place in range(4710)
    )
    assert 0.2 < 1 - math.exp(-alone) < 0.32 and "about a quarter" in TEXT["decay"]
    assert ARMS["weight decay"].recipe.weight_decay == 10 * 0.0005


def test_what_the_text_says_of_biases_is_so():
    assert min(result("biases of 1").found.values) > 0
    first = [runs_of(name)[0].epochs[0].train_loss for name in OWN_GRIDS["biases of 1"]]
    assert first[-1] > 4 > max(first[:-1])
    assert representative(OWN_GRIDS["biases of 1"]) != OWN_GRIDS["biases of 1"][-1]


def test_what_the_text_says_of_depth_is_so():
    conv2, conv3, conv5 = (result("no layer to spare", place) for place in range(3))
    assert max(conv2.found.values) < 0 < conv5.found.low
    assert conv3.comparison.paper < conv3.found.low < conv3.comparison.smallest
    channels = ARMS["128 pixels"].net["channels"]
    assert channels[2] == channels[3]


def test_what_the_text_says_of_towers_is_so():
    assert max(result("two GPUs").found.values) < 0
    wide = paired_difference(errors("two towers"), errors("AlexNet"))
    assert wide.mean < 0
    told = f"smallest difference that matters is {SPECIALIZED:.0f} points"
    assert told in TEXT["towers-filters"]


def test_what_the_text_says_of_overfitting_is_so():
    rises = {
        name: [
            run.final("validation_loss") / run.best_epoch.validation_loss for run in runs_of(name)
        ]
        for name in ("no dropout", "dropout")
    }
    assert min(rises["no dropout"]) > 1.5
    assert all(
        one < other for one, other in zip(rises["dropout"], rises["no dropout"], strict=True)
    )


def test_the_tables_of_power_and_of_the_rules_say_what_the_text_says():
    rows = CODE["alarm-code"].outputs[0].text.splitlines()[1:]
    shares = [[int(share) for share in re.findall(r"(\d+) %", row[24:])] for row in rows]
    ranges, intervals = shares[::2], shares[1::2]
    assert ranges[0][2] > ranges[1][2] > ranges[2][2]
    assert intervals[0][2] < intervals[1][2] < intervals[2][2]
    power_of_pools = CODE["power"].outputs[0].text
    found = re.search(r"^ +0\.4 +(\d+) %", power_of_pools, re.MULTILINE)
    assert int(found[1]) < 50 and "nan" not in power_of_pools
