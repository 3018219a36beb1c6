"""Notebook 08 says of each claim what its runs say today, and no more."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from alexnet_lib.figures.claims_chart import (
    ERROR_PANEL,
    GAP_PANEL,
    LOSS_PANEL,
    ROWS,
    TRAINING_PANEL,
    Outcome,
    claim_changes,
    outcome,
)
from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.experiments import EXPERIMENTS, WITHOUT_SHORT_FORM
from alexnet_lib.paper.records import CLAIMS_FOLDER, recorded_runs
from alexnet_lib.paper.verdict_rules import HOLDS, NOT, PART
from alexnet_lib.paper.verdicts import OPEN, verdict_on, verdict_table, verdict_text

COURSE = Path(__file__).parents[2]
CELLS = nbformat.read(COURSE / "notebooks" / "08_testing_the_claims.ipynb", as_version=4).cells
TESTED = [claim for experiment in EXPERIMENTS.values() for claim in experiment.claims]
TESTING = [name for name, experiment in EXPERIMENTS.items() if experiment.claims]
TEXT = {cell.id: cell.source for cell in CELLS if cell.cell_type == "markdown"}
CODE = {cell.id: cell for cell in CELLS if cell.cell_type == "code"}

# What the text takes for granted: where such a verdict changes, it is to be written anew.
WRITTEN_FOR = {
    "six times faster": (PART,),
    "two GPUs": (HOLDS,),
    "two kinds of filters": (NOT,),
    "no layer to spare": (PART,),
    "depth": (NOT,),
    "LRN on CIFAR-10": (NOT,),
    "overlapping pools": (NOT,),
    "pools and overfitting": (NOT,),
    "crops and flips": (PART,),
    "color": (NOT,),
    "ten views": (HOLDS,),
    "dropout": (PART,),
    "dropout takes longer": (NOT,),
    "weight decay": (NOT,),
    "drops of the rate": (NOT,),
    "biases of 1": (NOT,),
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
    assert verdict_on(claim).verdict in WRITTEN_FOR[claim], "what it means is to be written anew"


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


# Rows of the head picture that a verdict states alone.
ALONE = {
    "two GPUs": (ERROR_PANEL, "half as wide", "two towers"),
    "overlapping pools": (ERROR_PANEL, "pools 2x2", "four-layer"),
    "pools and overfitting": (GAP_PANEL, "pools 2x2", "four-layer"),
    "color": (ERROR_PANEL, "four-layer", "crops, flips, color"),
    "weight decay": (TRAINING_PANEL, "no weight decay", "AlexNet"),
    "drops of the rate": (ERROR_PANEL, "constant rate", "drops of the rate"),
    "ten views": (ERROR_PANEL, "four-layer", "four-layer"),
    "biases of 1": (LOSS_PANEL, "biases of 0", "biases of 1"),
}


@pytest.mark.parametrize("claim", ALONE)
def test_the_head_picture_says_what_the_verdict_says(claim):
    rows = {(row.panel, row.before, row.after): sides for row, *sides in claim_changes()}
    found = verdict_on(claim)
    if found.verdict == OPEN:
        assert ALONE[claim] not in rows
        return
    row = next(row for row in ROWS if (row.panel, row.before, row.after) == ALONE[claim])
    lowered = outcome(row, *rows[ALONE[claim]]) == Outcome.AS_THE_PAPER
    assert lowered == (found.verdict in (HOLDS, PART))


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


def test_what_the_text_says_of_drops_is_so():
    assert max(errors("drops of the rate")) < min(errors("constant rate"))


def test_what_the_text_says_of_biases_is_so():
    ones, zeros = (
        [
            run.epochs[0].train_loss
            for run in recorded_runs(CLAIMS_FOLDER, f"biases of {number}").values()
        ]
        for number in (1, 0)
    )
    assert min(ones) > max(zeros)


@pytest.mark.parametrize(
    ("less", "more"), [("raw", "raw, LRN"), ("four-layer", "LRN, scaled alpha")]
)
def test_what_the_text_says_of_lrn_is_so(less, more):
    assert max(errors(less)) < min(errors(more))


def test_what_the_text_says_of_overfitting_is_so():
    for run in recorded_runs(CLAIMS_FOLDER, "few images, no dropout").values():
        assert run.final("validation_loss") > 1.15 * run.best_epoch.validation_loss
