"""The record of the experiments shows what the files say."""

import json
from collections import Counter

import defaults
import experiments
import pytest

from alexnet_lib import layer_table
from alexnet_lib.nets.cifar_net import CHANNELS
from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.experiments import EXPERIMENTS, runs_of_experiment
from alexnet_lib.paper.records import CLAIMS_FOLDER, recorded_runs
from alexnet_lib.training.run import Run

PAGE = experiments.PAGE.read_text("utf-8")


def test_the_pages_tables_are_those_of_today():
    assert experiments.written(PAGE) == PAGE, "run: make figures"


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="<!-- rates -->"):
        experiments.written("# Experiments\n")


def test_the_rate_of_alexnets_arms_was_ahead_on_validation_images():
    runs = [Run.read(path) for path in experiments.SEARCH.glob("one-tower-227-*.json")]
    best = max(runs, key=lambda run: run.final("validation_top1"))
    for name in ("one-tower, 227 pixels", "two towers, 227 pixels"):
        assert ARMS[name].recipe.learning_rate == best.recipe["learning_rate"]


def test_no_run_of_the_search_read_test_images():
    runs = [Run.read(path) for path in experiments.SEARCH.glob("*.json")]
    assert len(runs) == 21 and all(run.test is None for run in runs)


def test_nearly_every_recorded_training_with_a_default_learns():
    ours = [cell for cell in experiments.cells() if experiments.is_default(cell)]
    slow = [cell for cell in ours if not cell["learns"]]
    text = " ".join(PAGE.split())
    assert (len(ours), len(slow)) == (540, 11) and not defaults.missing(experiments.cells())
    assert "All 540 cells are recorded" in text and "Eleven of the 540 do not learn" in text
    for cell in slow:
        if cell["data"] == "two":
            assert cell["epochs"] == 1 and 0.52 < cell["accuracy"] < 0.547
        else:
            assert (cell["data"], cell["seed"]) == ("shapes10", 2)


def test_the_page_says_where_the_trainings_with_a_default_were_made():
    ours = [cell for cell in experiments.cells() if experiments.is_default(cell)]
    kinds = Counter(cell["device"].split()[1 if "NVIDIA" in cell["device"] else 0] for cell in ours)
    text = " ".join(PAGE.split())
    assert f"{kinds['H100']} on an NVIDIA H100 with torch 2.11, {kinds['H200']} on an" in text
    assert f"and {kinds['cpu,']} on two cores of a CPU" in text and len(kinds) == 3
    small = [cell for cell in ours if cell["device"].startswith("cpu")]
    four = sum(cell["model"] == "four-layer" for cell in small)
    assert f"{four} are of `four-layer`; for the other twelve" in text and len(small) - four == 12


def test_every_default_that_stayed_at_chance_learns_with_more_steps():
    last = {tuple(cell[key] for key in defaults.KEYS): cell for cell in experiments.cells("longer")}
    assert all(cell["learns"] for cell in last.values()) and len(last) == 11
    assert not defaults.at_chance(defaults.recorded(), defaults.recorded("longer"))
    assert "With more steps all eleven learn" in " ".join(PAGE.split())


def test_what_the_page_says_of_alexnets_runs_is_so():
    arm = ARMS["one-tower, 227 pixels"].recipe
    assert f"**Epochs.** {arm.epochs}," in PAGE and arm.schedule == "drops"
    assert (arm.pad, arm.weight_decay, arm.init, arm.color) == (4, 0.0005, "he", 0.0)
    folder = experiments.results.COURSE / "results" / "claims"
    for path in folder.glob("*227-pixels-seed*.json"):
        run = json.loads(path.read_text("utf-8"))
        last = [row["validation_top1"] for row in run["epochs"][-3:]]
        assert max(last) - min(last) < 0.006
        assert run["device"] == "NVIDIA H200" and run["versions"]["torch"].startswith("2.11")


def test_what_the_page_says_of_the_net_for_small_images_is_so():
    recipe, text = ARMS["cifar"].recipe, " ".join(PAGE.split())
    assert f"The number of epochs, {recipe.epochs}, is" in text
    assert f"The learning rate is {recipe.learning_rate:g}, divided by ten after 60" in text
    assert f"weight decay {recipe.weight_decay:g}, dropout 0.5, LRN" in text
    assert round(32 * recipe.crop) == 24 and recipe.pad == 0 and "crops of 24×24" in text
    runs = runs_of_experiment("cifar")["cifar"]
    one, ten = (
        "{}, {} and {}".format(*(f"{100 * run.test[key]:.1f}" for run in runs))
        for key in ("top1", "ten_views_top1")
    )
    assert f"test accuracies are {one} %, over ten views {ten} %" in text
    best = runs_of_experiment("best")["best"]
    assert max(run.ten_views_error for run in best) < min(run.ten_views_error for run in runs)
    errors = {round(100 - 100 * run.train_sample["top1"]) for run in runs}
    assert errors == {18} and "is still 18 %" in text


def test_what_the_page_says_of_the_second_search_is_so():
    runs = {path.stem: Run.read(path) for path in experiments.SEARCH.glob("wide*.json")}
    best = max(runs.values(), key=lambda run: run.final("validation_top1"))
    assert best is runs["wider"] and {len(run.epochs) for run in runs.values()} == {30}
    chosen, base = ARMS["cifar, wider"], runs["wide"]
    assert chosen.net["channels"] == (128, 384, 512, 512, 384)
    assert chosen.recipe.weight_decay == 0.002 == runs["wide-decay-0.002"].recipe["weight_decay"]
    decayed = runs["wide-decay-0.002"]
    assert abs(decayed.final("validation_top1") - base.final("validation_top1")) < 0.002
    assert decayed.final("train_error") > base.final("train_error")
    for name, run in runs.items():
        changed = {key for key in run.recipe if run.recipe[key] != base.recipe[key]}
        assert len(changed - {"pad"}) == (0 if name in ("wide", "wider") else 1), name


def test_what_the_page_says_of_the_wider_network_is_so():
    runs, text = runs_of_experiment("cifar")["cifar, wider"], " ".join(PAGE.split())
    one, ten = (
        "{}, {} and {}".format(*(f"{100 * run.test[key]:.1f}" for run in runs))
        for key in ("top1", "ten_views_top1")
    )
    assert f"test accuracies are {one} %, over ten views {ten} %" in text
    assert {round(100 - 100 * run.train_sample["top1"]) for run in runs} == {3}
    assert {len(run.epochs) for run in runs} == {60} == {ARMS["cifar, wider"].recipe.epochs}
    assert all(run.test["ten_views_top1"] - run.test["top1"] < 0.003 for run in runs)
    seconds = [sum(row.seconds for row in run.epochs) for run in runs]
    assert {round(each / 30) for each in seconds} == {9}
    assert "took four and a half minutes" in text
    others = [run for name in ("alexnet", "best") for each in runs_of_experiment(name).values()
              for run in each]  # fmt: skip
    narrow, wide = CHANNELS, ARMS["cifar, wider"].net["channels"]
    assert all(2.5 < many / few <= 3 for few, many in zip(narrow, wide, strict=True))
    assert ARMS["cifar, wider"].recipe.epochs == 3 * ARMS["cifar"].recipe.epochs  # notebook 07
    best = min(run.test["top1"] for run in runs)
    assert best > max(run.test.get("ten_views_top1", run.test["top1"]) for run in others)


def test_all_that_was_planned_is_recorded():
    planned = dict.fromkeys(("relu", "lrn", "depth", "decay", "towers"), 5)
    planned |= dict.fromkeys(("pooling", "augmentation", "dropout", "rate", "biases"), 10)
    for name, seeds in planned.items():
        runs = runs_of_experiment(name)
        assert {len(each) for each in runs.values()} == {seeds}, name
        for group in EXPERIMENTS[name].groups:  # of a grid, each rate with the first seed
            assert all(recorded_runs(CLAIMS_FOLDER, arm) for arm in group)


def test_the_networks_of_a_pair_were_trained_on_the_same_kind_of_device():
    names = ("lrn", "depth", "decay", "towers", "pooling", "augmentation", "dropout", "rate")
    for name in (*names, "relu", "biases"):
        first, *others = runs_of_experiment(name).values()
        for each in others:
            assert [run.device for run in each] == [run.device for run in first], name
        cpu = [run.device.startswith("cpu") for run in first]
        mixed = name in ("relu", "towers")
        assert cpu == ([True] * 3 + [False] * 2 if mixed else [False] * len(first)), name
    said = "Others were made on a CPU: in the ReLU race and for the towers the seeds 0 to 2"
    assert said in " ".join(PAGE.split())


def test_conv3_to_conv5_see_the_maps_that_the_page_names():
    rows = {row.name: row.shape for row in layer_table("one-tower", 128)}
    assert {rows[f"conv{number}"][1:] for number in (3, 4, 5)} == {(6, 6)}
    assert "conv3 to conv5 see maps of 6×6: the pooling layers round down" in " ".join(PAGE.split())
