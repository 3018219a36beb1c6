"""What is missing of the experiments is trained, and what is recorded stays as it is."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import pytest
import torch
from helpers import colors, image_folder, wait_until
from paper_helpers import run as recorded

from alexnet_lib.base.locking import locked_folder
from alexnet_lib.cli.main import main
from alexnet_lib.data.load import load
from alexnet_lib.nets.alexnet import QUARTER
from alexnet_lib.paper import runner
from alexnet_lib.paper.arms import ARMS, Arm
from alexnet_lib.paper.experiments import EXPERIMENTS, Experiment
from alexnet_lib.paper.lrn_factors import factors_path
from alexnet_lib.paper.plan import ExperimentData, Plan, make_plan, missing_runs
from alexnet_lib.paper.predictions import predictions_path, read_predictions
from alexnet_lib.paper.records import fastest_arm, record_path, recorded_runs
from alexnet_lib.paper.runner import short_experiment, train_arm
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run

QUICK = Recipe(epochs=2, batch_size=4, init="he", learning_rate=0.01)


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "cache"))
    names = [f"{split}/{c}/{i}.png" for split in ("train", "test") for c in "ab" for i in range(20)]
    return image_folder(tmp_path / "pictures", names)


@pytest.fixture
def small():
    """Two arms with two epochs, and a grid of two rates, instead of the course's experiments."""
    arms = {
        "plain": Arm({"name": "four-layer"}, QUICK, images=30, ten_views=True),
        "two towers": Arm({"name": "four-layer", "pool_size": 2}, QUICK, 30, keep_filters=True),
        "slow": Arm({"name": "four-layer"}, replace(QUICK, learning_rate=1e-9), 30, until=0.3),
        "quick": Arm({"name": "four-layer"}, replace(QUICK, epochs=40), 30, until=0.3),
    }
    experiments = {
        "pair": Experiment((), "Which?", (("plain",), ("two towers",))),
        "grid": Experiment((), "Which rate?", (("slow", "quick"),)),
    }
    kept = patch.dict(ARMS, arms, clear=True), patch.dict(EXPERIMENTS, experiments, clear=True)
    with kept[0], kept[1]:
        yield


def experiment(pictures, tmp_path, *options):
    folders = ("--out", tmp_path / "results", "--work", tmp_path / "work", "--device", "cpu")
    return main(["experiment", *map(str, (*options, "--data", pictures, *folders))])


def test_an_experiment_records_each_arm_with_each_seed(pictures, tmp_path, small, capsys):
    assert experiment(pictures, tmp_path, "pair", "--seeds", 2) == 0
    out = capsys.readouterr().out
    assert "4 runs are missing" in out and "0 runs are missing" in out
    names = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert names == [
        "plain-seed0.json", "plain-seed1.json", "two-towers-seed0.json", "two-towers-seed0.png",
        "two-towers-seed1.json", "two-towers-seed1.png",
    ]  # fmt: skip
    run = recorded_runs(tmp_path / "results", "plain")[1]
    assert run.seed == 1 and run.recipe["name"] == "plain"
    assert run.images == {"train": 30, "validation": 4, "train_sample": 30, "test": 40}
    assert len(run.epochs) == 2
    assert run.images["train_sample"] == run.images["train"] and run.gap is not None
    assert 0 <= run.test["top1"] <= 1 and 0 <= run.test["ten_views_top1"] <= 1
    other = recorded_runs(tmp_path / "results", "two towers")[0]
    assert other.model == "four-layer, pools 2×2" and "ten_views_top1" not in other.test
    assert not list((tmp_path / "work").iterdir())


def test_an_arm_can_keep_what_its_net_predicts(pictures, tmp_path, small, monkeypatch):
    arm = Arm({"name": "four-layer"}, QUICK, images=30, keep_predictions=True)
    monkeypatch.setitem(ARMS, "plain", arm)
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    file = predictions_path(tmp_path / "results", "plain", 0)
    assert list(read_predictions(file).by_epoch) == [1, 2]


def test_too_few_images_for_the_batches_of_an_experiment_are_told(
    pictures, tmp_path, small, monkeypatch, capsys
):
    large = Arm({"name": "four-layer"}, replace(QUICK, batch_size=64), images=30)
    monkeypatch.setitem(ARMS, "plain", large)
    assert experiment(pictures, tmp_path, "pair") == 1
    said = capsys.readouterr().err
    assert "36 images for training" in said and "batches of 64" in said and "by --data" in said


def test_what_is_recorded_is_not_trained_again(pictures, tmp_path, small, monkeypatch, capsys):
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    monkeypatch.setattr(runner, "train_arm", None)
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    assert "0 runs are missing" in capsys.readouterr().out


def test_a_run_that_another_process_trains_is_left_to_it(
    pictures, tmp_path, small, monkeypatch, capsys
):
    def locked(folder):
        if folder.name == "plain-seed0":
            raise BlockingIOError("in use")
        return locked_folder(folder)

    monkeypatch.setattr(runner, "locked_folder", locked)
    assert experiment(pictures, tmp_path, "pair", "--seeds", 2) == 0
    said = capsys.readouterr()
    assert "plain, seed 0: another process is training it" in said.out + said.err
    assert set(recorded_runs(tmp_path / "results", "plain")) == {1}
    assert set(recorded_runs(tmp_path / "results", "two towers")) == {0, 1}


def test_a_run_that_another_process_has_recorded_meanwhile_is_not_trained_again(
    pictures, tmp_path, small, monkeypatch
):
    trained = []

    @contextmanager
    def locked(folder):  # while this one waited, the other one recorded the run
        if folder.name == "plain-seed0":
            recorded(30, "plain").write(record_path(tmp_path / "results", "plain", 0))
        yield

    monkeypatch.setattr(runner, "locked_folder", locked)
    monkeypatch.setattr(runner, "train_arm", lambda plan, *pair: trained.append(pair) or False)
    experiment(pictures, tmp_path, "pair", "--seeds", 1)
    assert [name for name, *_ in trained] == ["two towers"]


def test_while_another_process_trains_a_grid_no_other_seed_of_it_is_begun(
    pictures, tmp_path, small, monkeypatch
):
    def locked(folder):
        if folder.name == "slow-seed0":
            raise BlockingIOError("in use")
        return locked_folder(folder)

    monkeypatch.setattr(runner, "locked_folder", locked)
    assert experiment(pictures, tmp_path, "grid", "--seeds", 2) == 0
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["quick-seed0.json"]


def test_an_arm_can_keep_the_factors_of_lrn(pictures, tmp_path, small, monkeypatch):
    net = {"name": "four-layer", "norm": "lrn", "alpha": 4.0}
    monkeypatch.setitem(ARMS, "plain", Arm(net, QUICK, images=30, keep_lrn_factors=True))
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    factors = json.loads(factors_path(tmp_path / "results", "plain", 0).read_text("utf-8"))
    assert len(factors) == 2 and all(0 < factor < 1 for factor in factors)


def test_of_a_grid_the_quickest_rate_gets_the_other_seeds(pictures, tmp_path, small):
    folder = tmp_path / "results"
    assert missing_runs(["grid"], 2, folder) == [("slow", 0), ("quick", 0), ("slow", 1)]
    assert experiment(pictures, tmp_path, "grid", "--seeds", 2) == 0
    assert set(recorded_runs(folder, "slow")) == {0}
    runs = recorded_runs(folder, "quick")
    assert set(runs) == {0, 1} and fastest_arm(folder, ("slow", "quick"), 0.3) == "quick"
    for run in runs.values():  # it ends with the first epoch that reaches the error
        reached = [row.train_error <= 0.3 for row in run.epochs]
        assert reached[-1] and not any(reached[:-1]) and run.test is None


def test_a_net_that_diverges_is_recorded_as_far_as_it_came(pictures, tmp_path, small, monkeypatch):
    wild = Arm({"name": "four-layer"}, replace(QUICK, learning_rate=1e20), images=30)
    monkeypatch.setitem(ARMS, "plain", wild)
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    run = recorded_runs(tmp_path / "results", "plain")[0]
    assert run.epochs == [] and run.test is None and run.recipe["learning_rate"] == 1e20


def test_beyond_the_budget_nothing_is_started(pictures, tmp_path, small, capsys):
    assert experiment(pictures, tmp_path, "pair", "--budget", 1e-6) == 0
    assert "6 runs are missing in" in capsys.readouterr().out.splitlines()[-1]
    assert not (tmp_path / "results").exists()


def test_the_list_says_what_is_recorded_and_what_is_asked(pictures, tmp_path, small, capsys):
    experiment(pictures, tmp_path, "pair", "--seeds", 1)
    capsys.readouterr()
    assert experiment(pictures, tmp_path, "--list", "--seeds", 2) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:5] == ["pair", "2", "recorded", "2", "missing,"]
    assert lines[0].endswith("Which?") and lines[1].split()[:2] == ["grid", "0"]


def test_an_unknown_experiment_is_refused_with_the_names_there_are(capsys):
    assert main(["experiment", "magic"]) == 2
    assert "towers" in capsys.readouterr().err


STOPPED = """
import sys
from alexnet_lib.cli.main import main
from alexnet_lib.paper.arms import ARMS, Arm
from alexnet_lib.paper.experiments import EXPERIMENTS, Experiment
from alexnet_lib.training.recipe import Recipe
ARMS["plain"] = Arm({"name": "four-layer"}, Recipe(epochs=40, init="he", batch_size=4))
EXPERIMENTS["pair"] = Experiment((), "Which?", (("plain",),))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "how",
    [
        "killed",
        pytest.param(
            "interrupted",
            marks=pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C otherwise"),
        ),
    ],
)
def test_an_experiment_that_is_stopped_resumes_where_it_was(pictures, tmp_path, how):
    folders = ["--out", tmp_path / "results", "--work", tmp_path / "work", "--device", "cpu"]
    options = ["experiment", "pair", "--seeds", "1", "--data", pictures, *folders]
    command = [sys.executable, "-c", STOPPED, *map(str, options)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    kept = tmp_path / "work" / "plain-seed0" / "run.json"
    wait_until(kept.is_file, 120)
    first.kill() if how == "killed" else first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert first.returncode == 130 if how == "interrupted" else first.returncode != 0
    done = Run.read(kept).epochs
    assert 0 < len(done) < 40
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    run = recorded_runs(tmp_path / "results", "plain")[0]
    assert len(run.epochs) == 40 and run.epochs[: len(done)] == done


def test_a_net_without_a_layer_resumes_too(pictures, tmp_path):
    data = ExperimentData(load(pictures, "train"), load(pictures, "validation"), pictures)
    net = {"name": "one-tower", **QUARTER}
    arms = {"changed": Arm(net, replace(QUICK, size=64), images=20, without=3)}
    plan = Plan([], arms, data, 1, tmp_path / "out", tmp_path / "work", torch.device("cpu"))

    def stop(run):
        raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted after"):
        assert not train_arm(plan, "changed", 0, stop)
    reports = []
    assert train_arm(plan, "changed", 0, reports.append)
    assert len(reports) == 1


def test_images_that_come_while_a_net_is_trained_are_not_tested_on(pictures, tmp_path):
    place = tmp_path / "results", tmp_path / "work"
    plan = make_plan([], str(pictures), 1, *place, "cpu")
    plan = plan._replace(arms={"plain": Arm({"name": "four-layer"}, QUICK, images=20)})
    new = pictures / "train/a/0.png"

    def copy(run):
        shutil.copy(new, new.with_name("new.png"))

    with pytest.raises(ValueError, match="came, went or were renamed since training began"):
        train_arm(plan, "plain", 0, copy)
    new.with_name("new.png").unlink()
    assert train_arm(plan, "plain", 0, lambda run: None)
    assert recorded_runs(plan.folder, "plain")[0].test


def test_a_stopped_run_on_other_images_starts_from_its_first_epoch(pictures, tmp_path):
    data = ExperimentData(load(pictures, "train"), load(pictures, "validation"), pictures)
    arm = Arm({"name": "four-layer"}, QUICK, images=20)
    place = tmp_path / "results", tmp_path / "work", torch.device("cpu")

    def plan(images):
        return Plan([], {"plain": arm._replace(images=images)}, data, 1, *place)

    def stop(run):
        raise KeyboardInterrupt

    for images, left in ((20, 1), (30, 2)):
        with pytest.warns(UserWarning, match="interrupted after"):
            assert not train_arm(plan(20), "plain", 0, stop)
        reports = []
        assert train_arm(plan(images), "plain", 0, reports.append)
        assert len(reports) == left
        assert recorded_runs(tmp_path / "results", "plain")[0].images["train"] == images


def test_runs_on_other_data_are_named_and_not_mixed(pictures, tmp_path, small, capsys):
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    other = image_folder(tmp_path / "other", [f"{c}/{i}.png" for c in "ab" for i in range(20)])
    assert experiment(other, tmp_path, "pair", "--seeds", 2) == 1
    said = "holds runs on pictures; to train on other give another folder by --out"
    assert said in capsys.readouterr().err
    assert set(recorded_runs(tmp_path / "results", "plain")) == {0}
    assert experiment(other, tmp_path, "pair", "--list") == 0
    assert said in capsys.readouterr().out


def test_a_short_form_trains_each_arm_and_records_nothing(tmp_path, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = colors(96), colors(48, seed=1)
    runs = short_experiment("pair", data, "cpu")
    assert list(runs) == ["plain", "two towers"]
    assert all(
        run.images == {"train": 4, "validation": 48, "train_sample": 4} for run in runs.values()
    )
    assert list(short_experiment("grid", data, "cpu")) == ["quick"]
    assert not list(tmp_path.iterdir())


def test_initial_filters_are_drawn_again_as_fit_draws_them():
    recipe = replace(QUICK, epochs=1, learning_rate=1e-30, weight_decay=0.0, seed=5)
    arm = Arm({"name": "four-layer"}, recipe)
    model = arm.build(3)
    fit(model, colors(16), colors(16), recipe)
    torch.testing.assert_close(
        model.features[0].weight.detach(), runner._initial_filters(arm, 3, recipe)
    )


def test_what_takes_hours_has_no_short_form():
    with pytest.raises(ValueError, match="'alexnet' has no short form"):
        short_experiment("alexnet", None)
