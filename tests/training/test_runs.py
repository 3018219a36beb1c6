"""Recorded runs: read as written, written whole or not at all, and logged for TensorBoard."""

import builtins
import json
from dataclasses import replace

import pytest
import torch

from alexnet_lib.training.run import Run, tensorboard, write_whole


def epoch(number):
    return {
        "epoch": number,
        "learning_rate": 0.01 / number,
        "train_loss": 2.0 / number,
        "train_error": 0.5 / number,
        "validation_loss": 2.2 / number,
        "validation_top1": 0.1 * number,
        "validation_top5": 0.2 * number,
        "seconds": 1.5,
    }


@pytest.fixture
def run():
    return Run(
        model="four-layer",
        parameters=89_578,
        data="CIFAR-10, official — café",
        images={"train": 45_000, "validation": 5_000},
        recipe={"epochs": 4, "seed": 0},
        device="cpu, 2 threads",
        versions={"torch": "2.14.1"},
        commit=None,
        epochs=[epoch(1), epoch(2), epoch(3)],
    )


def test_a_run_is_read_as_it_was_written(tmp_path, run):
    run.write(tmp_path / "deep" / "run.json")
    assert Run.read(tmp_path / "deep" / "run.json") == run


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


def test_a_run_with_a_field_too_many_is_not_read(tmp_path, run):
    run.write(tmp_path / "run.json")
    content = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "run.json").write_text(json.dumps(content | {"extra": 1}), encoding="utf-8")
    with pytest.raises(ValueError, match="extra"):
        Run.read(tmp_path / "run.json")


class Full:
    """A file on a disk that is full after some bytes."""

    def __init__(self, file):
        self.file = file

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path, old):
    path = tmp_path / "run.json"
    if old:
        path.write_bytes(old)
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(path, lambda file: Full(file).write(b"new content"))
    assert "run.json" in str(caught.value) and len(str(caught.value).splitlines()) <= 5
    assert [file.name for file in tmp_path.iterdir()] == (["run.json"] if old else [])
    assert not old or path.read_bytes() == old


def test_torchs_own_error_on_a_full_disk_is_an_os_error_too(tmp_path):
    def save(file):
        file.write(b"a part")
        raise RuntimeError("PytorchStreamWriter failed writing file")

    with pytest.raises(OSError, match="could not write"):
        write_whole(tmp_path / "checkpoint.pt", save)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_no_temporary_file(tmp_path):
    def interrupted(file):
        file.write(b"a part")
        raise KeyboardInterrupt

    (tmp_path / "run.json").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "run.json", interrupted)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


def test_tensorboard_reads_the_scalars_back(tmp_path, run):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    report = tensorboard(tmp_path)
    for done in (1, 2, 3):
        report(replace(run, epochs=run.epochs[:done]))
    events = EventAccumulator(str(tmp_path)).Reload()
    expected = {
        "loss/training": [2.0, 1.0, 2 / 3],
        "loss/validation": [2.2, 1.1, 2.2 / 3],
        "accuracy/training": [0.5, 0.75, 1 - 0.5 / 3],
        "accuracy/validation": [0.1, 0.2, 0.3],
        "learning_rate": [0.01, 0.005, 0.01 / 3],
    }
    assert set(events.Tags()["scalars"]) == set(expected)
    for tag, values in expected.items():
        assert [event.step for event in events.Scalars(tag)] == [1, 2, 3]
        read = torch.tensor([event.value for event in events.Scalars(tag)])
        torch.testing.assert_close(read, torch.tensor(values))


def test_without_tensorboard_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if "tensorboard" in name:
            raise ImportError("No module named 'tensorboard'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        tensorboard(tmp_path)
