"""A plan says what is missing of the experiments, and how long training it takes."""

from unittest.mock import patch

import pytest
import torch
from helpers import colors
from paper_helpers import record

from alexnet_lib.paper import plan as plans
from alexnet_lib.paper.arms import ARMS, GRIDS
from alexnet_lib.paper.experiments import EXPERIMENTS
from alexnet_lib.paper.plan import (
    ExperimentData,
    Plan,
    experiment_line,
    make_plan,
    missing_runs,
    waits_for_grid,
)

GRID = GRIDS["relu", "he"]


def plan(folder, *names, seeds=3):
    """A plan on 128 training images and 48 validation images."""
    data = ExperimentData(colors(128), colors(48), "colors")
    return Plan(names, ARMS, data, seeds, folder, folder / "work", torch.device("cpu"))


def test_what_is_missing_is_each_arm_with_each_seed_the_first_seed_first(tmp_path):
    record(tmp_path, "max pools 2x2", [30, 31])
    assert plan(tmp_path, "pooling").missing() == [
        ("max pools", 0), ("max pools", 1), ("max pools", 2), ("max pools 2x2", 2),
    ]  # fmt: skip
    assert missing_runs(["pooling", "augmentation"], 1, tmp_path)[0] == ("max pools", 0)


def test_an_arm_of_two_experiments_is_trained_once(tmp_path):
    pairs = missing_runs(["pooling", "augmentation"], 1, tmp_path)
    assert pairs.count(("max pools", 0)) == 1 and len(pairs) == 4


def test_of_a_grid_only_the_fastest_rate_gets_other_seeds(tmp_path):
    assert missing_runs(["relu"], 2, tmp_path).count((GRID[0], 1)) == 1
    for name in GRID:
        record(tmp_path, name, [1], training=12 if name == GRID[2] else 17)
    pairs = missing_runs(["relu"], 2, tmp_path)
    assert [pair for pair in pairs if pair[0] in GRID] == [(GRID[2], 1)]


def test_other_seeds_wait_until_all_of_a_grid_is_recorded(tmp_path):
    for name in GRID[1:]:
        record(tmp_path, name, [1])
        assert waits_for_grid((GRID[0], 1), ["pooling", "relu"], tmp_path)
    assert not waits_for_grid((GRID[0], 0), ["relu"], tmp_path)
    record(tmp_path, GRID[0], [1])
    assert not waits_for_grid((GRID[0], 1), ["pooling", "relu"], tmp_path)
    assert not waits_for_grid(("max pools", 1), ["pooling", "relu"], tmp_path)


def test_runs_on_other_data_are_named(tmp_path):
    record(tmp_path, "max pools", [30])
    assert plan(tmp_path, "pooling").other_data() == ["Drawn"]
    assert plan(tmp_path, "decay").other_data() == []


def test_seconds_are_those_of_all_epochs_on_all_images(tmp_path):
    speeds = {ARMS["max pools"].kind: 10.0, ARMS["max pools 2x2"].kind: 5.0}
    images = 128 + 48 / 3  # an arm's 20,000 images are more than there are
    pairs = [("max pools", 0), ("max pools 2x2", 1)]
    found = plan(tmp_path).seconds(pairs, speeds)
    assert found == pytest.approx(30 * images / 10 + 30 * images / 5)
    with patch.dict(ARMS, {"few": ARMS["max pools"]._replace(images=24)}):
        assert plan(tmp_path).seconds([("few", 0)], speeds) == pytest.approx(30 * (24 + 16) / 10)


def test_the_speed_of_each_kind_of_arm_is_measured_once(tmp_path, monkeypatch):
    measured = []
    monkeypatch.setattr(plans, "training_speed", lambda *_, seconds: measured.append(1) or 7.0)
    assert len({ARMS[name].kind for name in ("no augmentation", "color", "max pools")}) == 1
    speeds = plan(tmp_path, "pooling", "augmentation").speeds()
    assert speeds == {ARMS["max pools"].kind: 7.0, ARMS["max pools 2x2"].kind: 7.0}
    assert len(measured) == 2


def test_a_line_says_what_is_recorded_and_missing_of_all_arms_of_a_grid(tmp_path):
    for name in GRID:
        record(tmp_path, name, [1], training=12)
    speeds = {ARMS[name].kind: 100.0 for group in EXPERIMENTS["relu"].groups for name in group}
    line = experiment_line("relu", plan(tmp_path, "relu", seeds=1), speeds)
    assert line.split()[:5] == ["relu", "4", "recorded", "11", "missing,"]
    assert line.endswith(EXPERIMENTS["relu"].question)


def test_the_lines_of_all_experiments_have_their_columns_below_each_other(tmp_path):
    speeds = {arm.kind: 100.0 for arm in ARMS.values()}
    lines = [experiment_line(name, plan(tmp_path, name), speeds) for name in EXPERIMENTS]
    assert len({line.index(" recorded  ") for line in lines}) == 1


def test_at_full_size_the_arms_and_the_folders_are_others(tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "load", lambda source, split: f"{source} {split}")
    folders = tmp_path / "results", tmp_path / "work"
    usual = make_plan(["towers"], "shapes10", 3, *folders, "cpu")
    full = make_plan(["towers"], "shapes10", 3, *folders, "cpu", full=True)
    assert usual.data == full.data == ("shapes10 train", "shapes10 validation", "shapes10", None)
    assert (usual.folder, usual.work) == folders
    assert (full.folder, full.work) == (folders[0] / "full", folders[1] / "full")
    assert usual.arms["AlexNet"].recipe.size == 64 and full.arms["AlexNet"].recipe.size == 227
