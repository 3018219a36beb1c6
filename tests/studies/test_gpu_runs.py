"""Runs recorded on a GPU: the captured step is the ordinary one, and `fit` gets its own back."""

import argparse
import importlib
from dataclasses import replace

import pytest
import torch
from helpers import image_folder
from paper_helpers import run

from alexnet_lib.data.batches import Batches
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, draw_shapes10
from alexnet_lib.nets.build import build
from alexnet_lib.paper.arms import ARMS, OWN_GRIDS, Arm
from alexnet_lib.paper.experiments import EXPERIMENTS, Experiment
from alexnet_lib.paper.plan import Plan, make_plan
from alexnet_lib.paper.records import record_path
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run
from alexnet_lib.training.step import Step
from studies.gpu_runs import grouped_batches, record
from studies.gpu_runs.graph_step import GraphStep


def losses(kind, device, steps=12):
    torch.manual_seed(0)
    step = kind(build("four-layer", 10).to(device), Recipe(precision="float32"), device)
    draws = torch.Generator().manual_seed(1)
    found = []
    for number in range(steps):
        images = torch.randn(8 - number // 10, 3, 32, 32, generator=draws).to(device)
        labels = torch.randint(10, (len(images),), generator=draws).to(device)
        found.append(step(images, labels, 0.01 / (1 + number))[0])
    assert isinstance(step.optimizer.param_groups[0]["lr"], float)
    return torch.stack(found).cpu()


@pytest.mark.parametrize(
    "device",
    ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(
        not torch.cuda.is_available(), reason="needs an NVIDIA GPU"))],
)  # fmt: skip
def test_a_captured_step_does_what_the_ordinary_one_does(device):
    torch.testing.assert_close(losses(GraphStep, device), losses(Step, device))


@pytest.mark.parametrize("options", [
    dict(pad=4, flip=True), dict(crop=0.75, color=0.1), dict(size=48, zoom=0.2),
])  # fmt: skip
def test_grouped_batches_have_the_images_of_ordinary_batches(options, monkeypatch):
    data = draw_shapes10(50, seed=0)
    data = ImageSet(*map(torch.from_numpy, data), SHAPES10_CLASSES, "shapes")
    recipe = Recipe(batch_size=8, **options)
    found = []
    monkeypatch.setattr(grouped_batches, "AT_ONCE", 3 * 8 * 3 * 48 * 48)  # several groups
    for kind in (Batches, grouped_batches.GroupedBatches):
        monkeypatch.setattr("alexnet_lib.training.recipe.Batches", kind)
        torch.manual_seed(0)
        batches = recipe.batches(data, train=True, device="cpu")
        found.append([batch for _ in range(2) for batch in batches])
        assert len(found[-1]) == 2 * len(batches)
    for ordinary, grouped in zip(*found, strict=True):
        torch.testing.assert_close(grouped, ordinary, rtol=0, atol=1e-6)


def test_grouped_batches_evaluate_each_image_once(monkeypatch):
    data = ImageSet(*map(torch.from_numpy, draw_shapes10(50, seed=0)), SHAPES10_CLASSES, "shapes")
    options = dict(batch_size=8, device="cpu", statistics=color_statistics(data))
    ordinary = torch.cat([images for images, _ in Batches(data, **options)])
    ((images, labels),) = grouped_batches.GroupedBatches(data, **options)
    torch.testing.assert_close(images, ordinary)
    assert labels.tolist() == data.labels.tolist()


def test_processes_share_the_runs_and_fit_gets_its_own_step_back(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "cache"))
    names = [f"{split}/{c}/{i}.png" for split in ("train", "test") for c in "ab" for i in range(20)]
    folder = image_folder(tmp_path / "pictures", names)
    recipe = Recipe(epochs=2, batch_size=4, init="he", learning_rate=0.01)
    for rate in (0.01, 0.02):
        arm = Arm({"name": "four-layer"}, replace(recipe, learning_rate=rate), images=30)
        monkeypatch.setitem(ARMS, f"tiny {rate}", arm)
    grid = Experiment((), "Which rate?", (("tiny 0.01", "tiny 0.02"),))
    monkeypatch.setitem(EXPERIMENTS, "tiny", grid)
    options = ("--data", folder, "--out", tmp_path / "out", "--work", tmp_path / "work")
    words = ["record.py", "tiny:2", "--device", "cpu", "--processes", "2", *map(str, options)]
    monkeypatch.setattr("sys.argv", words)
    assert record.main() == 0
    runs = [Run.read(file) for file in sorted((tmp_path / "out").glob("*.json"))]
    assert [run.seed for run in runs].count(0) == 2  # the grid, then the better rate once more
    assert [run.seed for run in runs].count(1) == 1
    assert all(len(run.epochs) == 2 and run.test for run in runs)
    assert importlib.import_module("alexnet_lib.training.fit").Step is Step
    before = [file.stat().st_mtime_ns for file in sorted((tmp_path / "out").glob("*.json"))]
    assert record.main() == 0
    assert before == [f.stat().st_mtime_ns for f in sorted((tmp_path / "out").glob("*.json"))]


def test_other_seeds_wait_while_another_process_trains_an_arm_of_the_grid(tmp_path, monkeypatch):
    low, high = OWN_GRIDS["raw"][:2]
    monkeypatch.setitem(EXPERIMENTS, "tiny", Experiment((), "Which rate?", ((low, high),)))
    calls = []

    def train(plan, name, seed):
        if (name, seed) not in plan.missing():
            return
        calls.append((name, seed))
        if (name, seed) != (high, 0) or calls.count((high, 0)) > 1:  # first another one trains it
            run(20 if name == high else 30, name, seed).write(record_path(tmp_path, name, seed))

    monkeypatch.setattr(record, "record_if_free", train)
    record.record_all([Plan(["tiny"], ARMS, None, 2, tmp_path, tmp_path / "work", None)])
    assert calls == [(low, 0), (high, 0), (high, 0), (high, 1)]


def test_a_process_that_fails_is_told():
    def fail():
        raise RuntimeError("on purpose")

    assert record.in_processes(2, lambda: None) == 0
    assert record.in_processes(2, fail) == 1


@pytest.mark.parametrize("text", ["relu:x", "nothing", "relu:-1", ""])
def test_an_unknown_experiment_or_number_of_seeds_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="give an experiment, as relu:5"):
        record.experiment_and_seeds(text)
    assert record.experiment_and_seeds("relu:5") == ("relu", 5)
    assert record.experiment_and_seeds("relu") == ("relu", 3)


def test_a_plan_of_no_experiments_misses_nothing():
    assert make_plan([], "shapes10", 1, "out", "work", "cpu").missing() == []
