"""Arms of an experiment differ in one point; recorded runs are of the arms as they are today."""

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from helpers import image_folder

from alexnet_lib.cli.main import main
from alexnet_lib.paper.arms import ARMS, OWN_GRIDS, full_size, net_in_words
from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.experiments import EXPERIMENTS, representative
from alexnet_lib.paper.filters import read_filters
from alexnet_lib.paper.lrn_factors import factors_path
from alexnet_lib.paper.predictions import predictions_path, read_predictions
from alexnet_lib.paper.records import record_path
from alexnet_lib.paper.verdict_rules import RULES
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run

RECORDED = Path(__file__).parents[2] / "results" / "claims"


RUNS = sorted(RECORDED.glob("*.json"))


DIFFERENCES = {
    "relu": {"activation", "init", "scale", "learning_rate", "epochs"},
    "lrn": {"norm", "learning_rate", "lrn_factors"},
    "lrn-unit-variance": {"norm", "alpha"},
    "pooling": {"pool_size"},
    "augmentation": {"pad", "flip", "color"},
    "dropout": {"dropout"},
    "decay": {"weight_decay"},
    "rate": {"schedule", "patience"},
    "biases": {"init", "learning_rate"},
    "depth": {"without"},
    "towers": {"name", "channels"},
    "alexnet": {"name"},
    "cifar": {"channels", "hidden", "epochs", "weight_decay", "pad", "crop"},
}


def test_every_experiment_that_tests_a_claim_is_a_comparison():
    compare = {name for name, one in EXPERIMENTS.items() if len(one.groups) > 1}
    assert set(DIFFERENCES) == compare >= {name for name, one in EXPERIMENTS.items() if one.claims}


PLACES = [(name, seed) for name in ARMS for seed in range(10)]


@pytest.mark.parametrize("place", [p for p in PLACES if predictions_path(RECORDED, *p).is_file()])
def test_recorded_predictions_are_of_each_epoch_and_as_good_as_the_net_was(place):
    found, run = read_predictions(predictions_path(RECORDED, *place)), read_run(*place)
    assert list(found.by_epoch) == [row.epoch for row in run.epochs]
    assert len(found.images) == len(found.labels) == 12
    first, *_, last = (table.argmax(1) for table in found.by_epoch.values())
    assert (last == found.labels).sum() >= (first == found.labels).sum()
    for table in found.by_epoch.values():
        assert table.sum(1).sub(1).abs().max() < 0.001


def read_run(arm, seed):
    return Run.read(record_path(RECORDED, arm, seed))


def arms_of(experiment):
    return [ARMS[name] for group in EXPERIMENTS[experiment].groups for name in group]


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "cache"))
    names = [f"{split}/{c}/{i}.png" for split in ("train", "test") for c in "ab" for i in range(20)]
    return image_folder(tmp_path / "pictures", names)


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
        for key in ("without", "lrn_factors"):
            different |= {key} if getattr(arm, key) != getattr(first, key) else set()
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


@pytest.mark.parametrize("name", ["one-tower, 227 pixels", "cifar", "best"])
def test_what_is_at_its_full_size_stays_as_it_is_on_a_gpu(name):
    assert full_size(ARMS[name]) == ARMS[name]


def test_on_a_gpu_alexnet_has_its_width_its_size_and_all_images():
    arm = full_size(ARMS["128 pixels, without conv3"])
    assert arm.net == {"name": "one-tower"} and arm.without == 3
    assert (arm.recipe.size, arm.images, arm.recipe.epochs) == (227, None, 30)
    half = full_size(ARMS["half as wide"]).build(10)
    channels = [layer.out_channels for layer in half.features if hasattr(layer, "out_channels")]
    assert channels == [48, 128, 192, 192, 256]
    assert full_size(ARMS["four-layer"]).recipe == ARMS["four-layer"].recipe
    assert full_size(ARMS["dropout"]).images == 5000


def test_claims_of_notebook_08_have_an_experiment_and_a_verdict():
    tested = [claim for one in EXPERIMENTS.values() for claim in one.claims]
    wanted = {claim.name for claim in CLAIMS if claim.notebook == "08"}
    assert len(tested) == len(set(tested)) and set(tested) == wanted
    assert wanted < set(RULES)


def test_the_last_grids_differ_in_the_learning_rate_alone():
    for group in OWN_GRIDS.values():
        first, *others = (ARMS[name] for name in group)
        rates = [arm.recipe.learning_rate for arm in (first, *others)]
        assert rates == [0.0003, 0.001, 0.003]
        for arm in others:
            same = replace(arm.recipe, learning_rate=first.recipe.learning_rate)
            assert arm._replace(recipe=same) == first


def test_no_two_arms_are_recorded_in_the_same_file():
    paths = {record_path(".", name, 0).name.lower() for name in ARMS}
    assert len(paths) == len(ARMS)


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ("four-layer", "four-layer"),
        ("LRN", "four-layer, LRN with alpha 0.001"),
        (
            "raw, factors, 0.001",
            "four-layer, LRN with alpha 0.001, factors 0.6512 and 0.9284 for LRN",
        ),
        ("best", "four-layer, width 2"),
        ("max pools 2x2", "four-layer, max pools, pools 2×2"),
        ("128 pixels, without conv3", "one-tower, width 0.25, without conv3"),
        ("no dropout", "one-tower, width 0.25, dropout 0"),
        ("half as wide", "one-tower, half as wide in conv1 to conv4, width 0.25"),
    ],
)
def test_a_net_is_described_in_words(arm, words):
    assert net_in_words(ARMS[arm]) == words


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


def test_the_constant_factors_are_those_that_lrn_has_at_its_best_rate():
    chosen = representative(OWN_GRIDS["raw, LRN"])
    found = tuple(json.loads(factors_path(RECORDED, chosen, 0).read_text("utf-8")))
    assert {ARMS[name].lrn_factors for name in OWN_GRIDS["raw, factors"]} == {found}


def test_recorded_pictures_and_runs_are_all_that_is_there():
    kept = [
        predictions_path(RECORDED, *place) for place in PLACES if ARMS[place[0]].keep_predictions
    ]
    kept = [path for path in kept if path.is_file()]
    factors = [
        factors_path(RECORDED, *place) for place in PLACES if ARMS[place[0]].keep_lrn_factors
    ]
    others = {path for path in RECORDED.rglob("*") if path.is_file()} - {*RUNS, *kept, *factors}
    assert {path.suffix for path in others} <= {".png"}
    assert kept
    assert all(json.loads(file.read_text("utf-8")) for file in RUNS)
