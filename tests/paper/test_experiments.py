"""Experiments: arms differ in one point, what is missing is trained, what is recorded stays."""

import json
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from helpers import colors, image_folder, wait_until

from alexnet_lib.cli.main import main
from alexnet_lib.data.load import load
from alexnet_lib.paper import runner as trials
from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.experiments import (
    ARMS,
    EXPERIMENTS,
    Arm,
    Experiment,
    full_size,
    net_in_words,
)
from alexnet_lib.paper.filters import color_share, filters_image, read_filters
from alexnet_lib.paper.records import fastest_arm, record_path, recorded_runs
from alexnet_lib.paper.runner import (
    ExperimentData,
    missing_runs,
    short_experiment,
    subset,
    train_arm,
)
from alexnet_lib.paper.verdict_rules import RULES
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run

RECORDED = Path(__file__).parents[2] / "results" / "claims"
RUNS = sorted(RECORDED.glob("*.json"))
QUICK = Recipe(epochs=2, batch_size=4, init="he", learning_rate=0.01)
DIFFERENCES = {
    "relu": {"activation", "init", "scale", "learning_rate", "epochs"},
    "lrn": {"norm", "alpha", "init", "scale", "learning_rate"},
    "pooling": {"pool_size"},
    "augmentation": {"pad", "flip", "color"},
    "dropout": {"dropout"},
    "dropout-more": {"dropout"},
    "decay": {"weight_decay"},
    "rate": {"schedule"},
    "biases": {"init"},
    "depth": {"without"},
    "towers": {"name", "channels"},
}


def test_every_experiment_that_tests_a_claim_is_a_comparison():
    compare = {name for name, one in EXPERIMENTS.items() if len(one.groups) > 1}
    assert set(DIFFERENCES) == compare >= {name for name, one in EXPERIMENTS.items() if one.claims}


def arms_of(experiment):
    return [ARMS[name] for group in EXPERIMENTS[experiment].groups for name in group]


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "cache"))
    names = [f"{split}/{c}/{i}.png" for split in ("train", "test") for c in "ab" for i in range(20)]
    return image_folder(tmp_path / "pictures", names)


@pytest.fixture
def small(monkeypatch):
    """Two arms with two epochs, and a grid of two rates, in place of the course's experiments."""
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
    for module in (trials, sys.modules["alexnet_lib.paper.experiments"]):
        monkeypatch.setattr(module, "ARMS", arms)
        monkeypatch.setattr(module, "EXPERIMENTS", experiments)


def experiment(pictures, tmp_path, *options):
    folders = ("--out", tmp_path / "results", "--work", tmp_path / "work", "--device", "cpu")
    return main(["experiment", *map(str, (*options, "--data", pictures, *folders))])


@pytest.mark.parametrize("name", DIFFERENCES)
def test_arms_of_an_experiment_differ_in_what_it_asks_about_and_in_nothing_else(name):
    first, *others = arms_of(name)
    different = set()
    for arm in others:
        assert (arm.images, arm.until) == (first.images, first.until)
        keys = {*arm.net, *first.net}
        different |= {key for key in keys if arm.net.get(key) != first.net.get(key)}
        names = [field.name for field in fields(Recipe)]
        different |= {"without"} if arm.without != first.without else set()
        recipes = arm.recipe, first.recipe
        different |= {key for key in names if getattr(recipes[0], key) != getattr(recipes[1], key)}
    assert different and different <= DIFFERENCES[name]


@pytest.mark.parametrize("change", [lambda arm: arm, full_size])
@pytest.mark.parametrize("name", ARMS)
def test_the_net_of_each_arm_takes_its_images(name, change):
    arm = change(ARMS[name])
    size = arm.recipe.size
    with torch.device("meta"):
        model = arm.build(10)
        assert model(torch.empty(2, 3, size or 32, size or 32)).shape == (2, 10)


def test_on_a_gpu_alexnet_has_its_width_its_size_and_all_images():
    arm = full_size(ARMS["without conv3"])
    assert arm.net == {"name": "one-tower"} and arm.without == 3
    assert (arm.recipe.size, arm.images, arm.recipe.epochs) == (227, None, 30)
    half = full_size(ARMS["half as wide"]).build(10)
    channels = [layer.out_channels for layer in half.features if hasattr(layer, "out_channels")]
    assert channels == [48, 128, 192, 192, 256]
    assert full_size(ARMS["four-layer"]).recipe == ARMS["four-layer"].recipe
    assert full_size(ARMS["few images, dropout"]).images == 5000


def test_claims_of_notebook_08_have_an_experiment_and_a_verdict():
    tested = [claim for one in EXPERIMENTS.values() for claim in one.claims]
    wanted = {claim.name for claim in CLAIMS if claim.notebook == "08"}
    assert len(tested) == len(set(tested)) and set(tested) == wanted
    assert wanted < set(RULES)


def test_no_two_arms_are_recorded_in_the_same_file():
    paths = {record_path(".", name, 0).name.lower() for name in ARMS}
    assert len(paths) == len(ARMS)


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ("four-layer", "four-layer"),
        ("LRN", "four-layer, LRN with alpha 0.001"),
        ("pools 2x2", "four-layer, pools 2×2"),
        ("best", "four-layer, width 2"),
        ("without conv3", "one-tower, width 0.25, without conv3"),
        ("no dropout", "one-tower, width 0.25, dropout 0"),
        ("half as wide", "one-tower, half as wide in conv1 to conv4, width 0.25"),
    ],
)
def test_a_net_is_described_in_words(arm, words):
    assert net_in_words(ARMS[arm]) == words


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
    assert run.images == {"train": 30, "validation": 4, "test": 40} and len(run.epochs) == 2
    assert 0 <= run.test["top1"] <= 1 and 0 <= run.test["ten_views_top1"] <= 1
    other = recorded_runs(tmp_path / "results", "two towers")[0]
    assert other.model == "four-layer, pools 2×2" and "ten_views_top1" not in other.test
    assert not list((tmp_path / "work").iterdir())


def test_what_is_recorded_is_not_trained_again(pictures, tmp_path, small, monkeypatch, capsys):
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    monkeypatch.setattr(trials, "train_arm", None)
    assert experiment(pictures, tmp_path, "pair", "--seeds", 1) == 0
    assert "0 runs are missing" in capsys.readouterr().out


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
    monkeypatch.setitem(trials.ARMS, "plain", wild)
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
from alexnet_lib.paper import runner as trials
from alexnet_lib.cli.main import main
from alexnet_lib.paper.experiments import Arm, Experiment
from alexnet_lib.training.recipe import Recipe
trials.ARMS = {"plain": Arm({"name": "four-layer"}, Recipe(epochs=40, init="he", batch_size=4))}
trials.EXPERIMENTS = {"pair": Experiment((), "Which?", (("plain",),))}
sys.modules["alexnet_lib.paper.experiments"].EXPERIMENTS = trials.EXPERIMENTS
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_experiment_that_is_killed_goes_on_where_it_was(pictures, tmp_path, how):
    folders = ["--out", tmp_path / "results", "--work", tmp_path / "work", "--device", "cpu"]
    options = ["experiment", "pair", "--seeds", "1", "--data", pictures, *folders]
    command = [sys.executable, "-c", STOPPED, *map(str, options)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    kept = tmp_path / "work" / "plain-seed0" / "run.json"
    wait_until(kept.is_file, 120)
    first.send_signal(how)
    first.communicate(timeout=60)
    assert first.returncode in (-signal.SIGKILL, 130)
    done = Run.read(kept).epochs
    assert 0 < len(done) < 40
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    run = recorded_runs(tmp_path / "results", "plain")[0]
    assert len(run.epochs) == 40 and run.epochs[: len(done)] == done


def test_a_stopped_run_on_other_images_is_not_gone_on_with(pictures, tmp_path):
    data = ExperimentData(load(pictures, "train"), load(pictures, "validation"), pictures)
    arm = Arm({"name": "four-layer"}, QUICK, images=20)
    place = tmp_path / "results", tmp_path / "work", torch.device("cpu")

    def stop(run):
        raise KeyboardInterrupt

    for images, left in ((20, 1), (30, 2)):
        with pytest.warns(UserWarning, match="interrupted after"):
            assert not train_arm("plain", 0, arm, data, *place, stop)
        reports = []
        assert train_arm("plain", 0, arm._replace(images=images), data, *place, reports.append)
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
    assert all(run.images == {"train": 6, "validation": 48} for run in runs.values())
    assert list(short_experiment("grid", data, "cpu")) == ["quick"]
    assert not list(tmp_path.iterdir())


def test_the_same_images_are_taken_each_time():
    images = colors(96)
    one, two = (subset(images, 10) for _ in range(2))
    assert torch.equal(one.images, two.images) and len(one) == 10
    assert subset(images, None) is images and subset(images, 500) is images


def test_filters_are_read_from_their_picture_as_they_were(tmp_path):
    weight = torch.randn(24, 3, 11, 11, generator=torch.Generator().manual_seed(0))
    filters_image(weight).save(tmp_path / "filters.png")
    read = read_filters(tmp_path / "filters.png")
    torch.testing.assert_close(read, weight / weight.abs().max(), atol=0.5 / 127 + 1e-6, rtol=0)


def test_the_color_share_is_zero_for_gray_and_one_for_pure_color():
    gray = torch.randn(1, 1, 5, 5).expand(1, 3, 5, 5)
    pure = torch.tensor([1.0, -1.0, 0.0]).view(1, 3, 1, 1).expand(1, 3, 5, 5)
    shares = color_share(torch.cat([gray, pure, gray / gray.norm() + pure / pure.norm()]))
    torch.testing.assert_close(shares, torch.tensor([0.0, 1.0, 0.5]))


def test_first_filters_are_drawn_again_as_fit_draws_them():
    from alexnet_lib.training.fit import fit

    recipe = replace(QUICK, epochs=1, learning_rate=1e-30, weight_decay=0.0, seed=5)
    arm = Arm({"name": "four-layer"}, recipe)
    model = arm.build(3)
    fit(model, colors(16), colors(16), recipe)
    torch.testing.assert_close(
        model.features[0].weight.detach(), trials._first_filters(arm, 3, recipe)
    )


@pytest.mark.parametrize("file", RUNS, ids=lambda file: file.stem)
def test_a_recorded_run_is_of_its_arm_as_it_is_today(file):
    run = Run.read(file)
    name, seed = run.recipe["name"], run.seed
    arm = ARMS[name]
    assert record_path(RECORDED, name, seed) == file
    assert Recipe(**run.recipe) == replace(arm.recipe, name=name, seed=seed)
    assert run.model == net_in_words(arm) and run.images["train"] == (arm.images or 45_000)
    with torch.device("meta"):
        model = arm.build(10)
    assert run.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert run.data.startswith("CIFAR-10") and run.commit
    if arm.until is None:
        assert len(run.epochs) == arm.recipe.epochs and run.images["test"] == 10_000
        assert ("ten_views_top1" in run.test) == (arm.ten_views)
    else:
        assert run.test is None  # rates were chosen by it: the test images stay unread
    if arm.keep_filters:
        count = model.features[0].out_channels
        assert read_filters(file.with_suffix(".png")).shape == (count, 3, 11, 11)


def test_recorded_pictures_and_runs_are_all_that_is_there():
    others = [path for path in RECORDED.rglob("*") if path.is_file() and path not in RUNS]
    assert {path.suffix for path in others} <= {".png"}
    assert all(json.loads(file.read_text("utf-8")) for file in RUNS)
