"""Notebook 08 says of each claim what its runs say today, and no more."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.comparisons import compare, comparisons_of
from alexnet_lib.paper.experiments import EXPERIMENTS, WITHOUT_SHORT_FORM
from alexnet_lib.paper.records import CLAIMS_FOLDER, recorded_runs
from alexnet_lib.paper.statistics import (
    HOLDS,
    NOT,
    NOT_SETTLED,
    NOT_TESTED,
    paired_difference,
)
from alexnet_lib.paper.verdicts import verdict_on, verdict_table, verdict_text

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
    "no layer to spare": NOT_SETTLED,
    "depth": NOT_SETTLED,
    "LRN on CIFAR-10": NOT,
    "overlapping pools": NOT_SETTLED,
    "pools and overfitting": NOT_SETTLED,
    "crops and flips": NOT_TESTED,
    "color": NOT_SETTLED,
    "ten views": HOLDS,
    "dropout": NOT_TESTED,
    "dropout takes longer": NOT_SETTLED,
    "weight decay": NOT_TESTED,
    "learning-rate decay": NOT_SETTLED,
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


def test_what_the_text_says_of_relu_is_so():
    decides, with_he = result("six times faster"), result("six times faster", 1)
    assert decides.found.low > 3 and with_he.found.low < 1 < with_he.found.high


def test_what_the_text_says_of_lrn_is_so():
    raw, scaled, control = (result("LRN on CIFAR-10", place) for place in range(3))
    assert raw.found.low > 0 and scaled.found.low > 0
    assert control.found.low < 0 < control.found.high


@pytest.mark.parametrize("claim", ["overlapping pools", "pools and overfitting"])
def test_what_the_text_says_of_pools_is_so(claim):
    found = result(claim)
    assert found.found.low < found.comparison.smallest < 0 < found.found.high


def test_what_the_text_says_of_learning_rate_decay_is_so():
    found = result("learning-rate decay").found
    assert max(found.values) < 0 < found.high


def test_what_the_text_says_of_dropout_is_so():
    found = result("dropout takes longer").found
    assert found.low < 0.55 and found.high > 6
    assert result("dropout").found.high < 0


def test_what_the_text_says_of_biases_is_so():
    assert min(result("biases of 1").found.values) > 0
    ones, zeros = (
        [run.final("train_loss") for run in recorded_runs(CLAIMS_FOLDER, name).values()]
        for name in ("biases of 1", "biases of 0")
    )
    assert max(abs(one - zero) for one, zero in zip(ones, zeros, strict=True)) < 0.1


def test_what_the_text_says_of_depth_is_so():
    conv2, conv3, conv5 = (result("no layer to spare", place) for place in range(3))
    assert conv2.found.mean < -2 and conv2.found.high < 0
    assert conv3.found.low < -2 and conv3.found.high > 0 and conv5.found.high > 0
    assert errors("without conv3") == errors("without conv4")


def test_what_the_text_says_of_towers_is_so():
    assert max(result("two GPUs").found.values) < 0
    wide = paired_difference(errors("two towers"), errors("AlexNet"))
    assert wide.mean < 0


def test_what_the_text_says_of_overfitting_is_so():
    for run in recorded_runs(CLAIMS_FOLDER, "few images, no dropout").values():
        assert run.final("validation_loss") > 1.15 * run.best_epoch.validation_loss


def test_the_tables_of_power_and_of_the_rules_say_what_the_text_says():
    rows = CODE["alarm-code"].outputs[0].text.splitlines()[1:]
    shares = [[int(share) for share in re.findall(r"(\d+) %", row[24:])] for row in rows]
    ranges, intervals = shares[::2], shares[1::2]
    assert ranges[0][2] > ranges[1][2] > ranges[2][2]
    assert intervals[0][2] < intervals[1][2] < intervals[2][2]
    power_of_pools = CODE["power"].outputs[0].text
    found = re.search(r"^ +0\.4 +(\d+) %", power_of_pools, re.MULTILINE)
    assert int(found[1]) < 50 and "nan" not in power_of_pools
