"""Recorded runs: read as they were written, and each of their numbers is what it says."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import epoch, recorded_run

from alexnet_lib.training.run import Run

RESULTS = Path(__file__).parents[2] / "results"
OTHERS = "benchmarks", "predictions", "lrn_factors"  # folders of files that are no runs
TABLES = ("ensemble.json", "rates.json")  # of results/transfer: no runs
FILES = [path for path in sorted(RESULTS.rglob("*.json")) if path.parent.name not in OTHERS]
FILES = [path for path in FILES if path.name not in TABLES]


@pytest.fixture
def run():
    return recorded_run()


def test_a_run_is_read_as_it_was_written(tmp_path, run):
    run.write(tmp_path / "deep" / "run.json")
    assert Run.read(tmp_path / "deep" / "run.json") == run


def test_every_recorded_run_is_written_back_byte_for_byte(tmp_path):
    assert len(FILES) > 100
    for path in FILES:
        Run.read(path).write(tmp_path / "run.json")
        assert (tmp_path / "run.json").read_bytes() == path.read_bytes(), path


def test_a_runs_file_can_be_read_by_eye(tmp_path, run):
    run.write(tmp_path / "run.json")
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert "café" in text and text.endswith("}\n")
    assert len(text.splitlines()) > 20


def test_a_run_says_in_a_line_what_it_is(run):
    assert "four-layer" in str(run) and "3 of 4 epochs" in str(run)
    assert "validation accuracy 30.0 %" in str(run) and "test" not in str(run)
    assert "test accuracy 71.3 %" in str(replace(run, test={"top1": 0.7131}))


@pytest.mark.parametrize("content", ["", "{", "[1]", "3", '{"model": 1}', '{"what": 2}', "\xff"])
def test_a_file_that_is_no_run_is_named(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match="run.json is not a recorded run"):
        Run.read(path)


def spoiled(tmp_path, run, spoil):
    """The path of the run's file after `spoil(content)` has changed its dict."""
    path = tmp_path / "run.json"
    run.write(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    spoil(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda run: run.update(extra=1), "the run has the unknown field extra"),
        (lambda run: run.pop("device"), "the run lacks device"),
        (lambda run: run["epochs"][1].update(top5=0.1), "epoch 2 has the unknown field top5"),
        (lambda run: run["epochs"][2].pop("train_loss"), "epoch 3 lacks train_loss"),
        (lambda run: run["epochs"].append([1]), r"epoch 4 is \[1\], not a dict"),
        (lambda run: run.update(epochs=3), "epochs of the run is 3, not a list"),
        (lambda run: run.update(parameters=True), "parameters of the run is True, not a whole"),
        (lambda run: run.update(parameters=10**400), "a huge number, which is beyond 64 bits"),
        (lambda run: run["recipe"].pop("seed"), "seed of the recipe is None, not a whole number"),
        (lambda run: run["recipe"].update(batch_size=0), "batch_size of the recipe is 0, not 1"),
        (lambda run: run["recipe"].update(size=[1]), r"size of the recipe is \[1\]"),
        (lambda run: run["recipe"].pop("batch_size"), "batch_size of the recipe is None, not a"),
        (lambda run: run["images"].pop("train"), "train of the images is missing"),
        (lambda run: run["images"].update(train="many"), "train of the images is 'many'"),
        (lambda run: run["versions"].update(torch=2), "torch of the versions is 2, not text"),
        (lambda run: run.update(test={"loss": 1.0}), "top1 of the test is missing"),
        (lambda run: run["epochs"][0].update(seconds="NaN"), "seconds of epoch 1 is 'NaN'"),
        (lambda run: run["epochs"][0].update(validation_top1=-1), "validation_top1 of epoch 1 is"),
        (lambda run: run["epochs"].extend([run["epochs"][2]] * 2), "5 epochs, its recipe 4"),
    ],
)
def test_a_run_with_a_field_too_many_or_too_few_is_not_read(tmp_path, run, spoil, said):
    with pytest.raises(ValueError, match=said):
        Run.read(spoiled(tmp_path, run, spoil))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "recursion"),
        ('{"model": NaN}', "NaN, which JSON has no number for"),
        ('{"model": Infinity}', "Infinity, which JSON has no number for"),
        ('{"model": "a", "model": "b"}', "a key is there twice"),
        ('{"parameters": ' + "1" * 5000 + "}", "digits"),
    ],
)
def test_text_that_is_no_plain_json_is_not_read(tmp_path, text, said):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ValueError, match=f"run.json is not a recorded run: .*{said}"):
        Run.read(tmp_path / "run.json")


def test_losses_that_are_not_finite_are_valid_json_and_are_read_unchanged(tmp_path, run):
    losses = float("nan"), float("inf"), 2.0
    rows = [epoch(n, validation_loss=loss) for n, loss in enumerate(losses, 1)]
    before = replace(run, epochs=rows, test={"loss": float("inf"), "top1": 0.5, "top5": 1.0})
    before.write(tmp_path / "run.json")
    text = (tmp_path / "run.json").read_text(encoding="utf-8")

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    json.loads(text, parse_constant=refuse)
    after = Run.read(tmp_path / "run.json")
    assert repr(after) == repr(before)


def test_names_with_halves_of_characters_are_read_unchanged(tmp_path, run):
    replace(run, data="\udcff고양이").write(tmp_path / "run.json")
    assert Run.read(tmp_path / "run.json").data == "\udcff고양이"


def test_a_run_knows_its_numbers(run):
    assert (run.seed, run.steps_per_epoch, run.steps) == (7, 352, 3 * 352)  # 351.6 batches of 128
    assert run.final("train_error") == pytest.approx(0.5 / 3)
    assert run.final("validation_error") == pytest.approx(0.7)
    assert run.best_epoch == run.epochs[2]
    tested = replace(run, test={"top1": 0.7, "ten_views_top1": 0.75})
    assert tested.test_error == pytest.approx(0.3)
    assert tested.ten_views_error == pytest.approx(0.25)
    assert replace(run, test={"top1": 0.7}).ten_views_error is None


def test_the_gap_is_between_images_that_are_evaluated_alike(run):
    assert run.gap is None
    measured = replace(run, train_sample={"top1": 0.9})
    assert measured.gap == pytest.approx(0.7 - 0.1)


def test_the_gap_of_the_best_weights_is_to_their_epoch(run):
    rows = [
        epoch(number, validation_loss=loss, validation_top1=top1)
        for number, loss, top1 in ((1, 1.0, 0.8), (2, 2.0, 0.4))
    ]
    kept = replace(run, epochs=rows, train_sample={"top1": 0.9})
    assert kept.gap == pytest.approx(0.6 - 0.1)
    kept = replace(kept, recipe=run.recipe | {"keep_best": True})
    assert kept.gap == pytest.approx(0.2 - 0.1)


def test_a_training_sample_is_read_as_it_was_written_and_absent_where_there_is_none(tmp_path, run):
    file = tmp_path / "run.json"
    run.write(file)
    assert "train_sample" not in file.read_text("utf-8")
    measured = replace(run, train_sample={"top1": 0.9, "loss": 0.25})
    measured.write(file)
    assert Run.read(file) == measured


@pytest.mark.parametrize("sample", [{}, {"top1": "0.9"}, {"top1": -1.0}, 0.9, [0.9]])
def test_a_training_sample_that_is_none_is_refused(sample, run):
    with pytest.raises(ValueError, match="train_sample|training sample"):
        Run.from_dict(run.as_dict() | {"train_sample": sample})


def test_a_training_sample_without_epochs_is_refused(run):
    content = replace(run, epochs=[], train_sample={"top1": 0.9}).as_dict()
    with pytest.raises(ValueError, match="no epochs"):
        Run.from_dict(content)


def test_the_best_epoch_is_the_first_with_the_lowest_validation_loss(run):
    losses = (2.0, 1.5, 1.7, 1.5)
    rows = [epoch(number, validation_loss=loss) for number, loss in enumerate(losses, 1)]
    assert replace(run, epochs=rows).best_epoch.epoch == 2


def test_a_run_without_epochs_and_test_has_no_numbers(run):
    empty = replace(run, epochs=[])
    assert empty.steps == 0
    for number in (empty.test_error, empty.ten_views_error, empty.gap, empty.best_epoch):
        assert number is None
    assert empty.final("train_loss") is None


def errors(*values, images=128, batch_size=32):
    rows = [epoch(number, train_error=value) for number, value in enumerate(values, 1)]
    recipe = {"batch_size": batch_size}
    return Run("net", 1, "data", {"train": images}, recipe, "cpu", {}, None, rows)


@pytest.mark.parametrize(
    ("run", "steps"),
    [
        (errors(0.5, 0.3, 0.2), 4 * 2.0),  # halfway between the middles of epochs 2 and 3
        (errors(0.5, 0.25), 4 * 1.5),
        (errors(0.1), 4 * 0.5),
        (errors(0.5, 0.3), None),
        (errors(), None),
        (errors(0.5, 0.25, images=130), 5 * 1.5),
    ],
)
def test_steps_to_an_error_are_counted_between_the_middles_of_epochs(run, steps):
    assert run.steps_until(0.25) == pytest.approx(steps)


# As on the command line, the package then imports nothing by itself.
READING = """
import sys
sys.argv = ["-m"]
from alexnet_lib.training.run import Run
print(Run.read(sys.stdin.read().strip()))
slow = {"torch", "numpy", "matplotlib", "PIL"} & set(sys.modules)
assert not slow, slow
"""


def test_reading_a_recorded_run_does_not_import_torch():
    asked = dict(input=str(FILES[0]), capture_output=True, text=True, encoding="utf-8")
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", READING], **asked)
    assert done.returncode == 0, done.stderr
    assert "epochs" in done.stdout
