"""The numbers of each epoch as TensorBoard reads them."""

import os
import sys
from dataclasses import replace

import pytest
import torch
from helpers import recorded_run

from alexnet_lib.base.notes import Note
from alexnet_lib.training.tensorboard_log import tensorboard_report


@pytest.fixture
def run():
    return recorded_run()


def test_tensorboard_reads_the_scalars_back(tmp_path, run):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    report = tensorboard_report(tmp_path, "run")
    for done in (1, 2, 3):
        report(replace(run, epochs=run.epochs[:done]))
    events = EventAccumulator(str(tmp_path / "run")).Reload()
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


@pytest.fixture
def no_tensorboard(monkeypatch):
    """Nothing of TensorBoard is imported yet, as in a process that begins."""
    for name in [name for name in sys.modules if "tensorboard" in name]:
        monkeypatch.delitem(sys.modules, name)


def test_without_tensorboard_the_message_says_how_to_get_it(tmp_path, monkeypatch, no_tensorboard):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ImportError, match="not installed here.*pip install tensorboard$"):
        tensorboard_report(tmp_path, "run")


BROKEN = {  # what tensorboard/__init__.py does where a package does not fit the others
    "ImportError: cannot import name 'runtime_version'": (
        "raise ImportError(\"cannot import name 'runtime_version'\")"
    ),
    "ModuleNotFoundError: No module named 'nowhere'": "import nowhere",
    "AttributeError: module 'numpy' has no attribute 'bool8'": "import numpy; numpy.bool8",
    "TypeError: Descriptors cannot be created directly.": (
        "raise TypeError('Descriptors cannot be\\n created directly.')"
    ),
    "OSError: libnowhere.so": "import ctypes; ctypes.CDLL('libnowhere.so')",
    "ImportError: TensorBoard logging requires": "",
}


@pytest.mark.parametrize("words", BROKEN)
def test_a_tensorboard_that_does_not_import_is_named_in_one_sentence(
    words, tmp_path, monkeypatch, no_tensorboard
):
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "__init__.py").write_text(BROKEN[words], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError) as raised:
        tensorboard_report(tmp_path / "logs", "run")
    message = str(raised.value)
    assert f"installed but does not work here ({words}" in message and "\n" not in message
    assert message.endswith("pip install tensorboard --upgrade --force-reinstall")
    assert not (tmp_path / "logs").exists()


def test_a_writer_that_fails_at_its_start_is_named_too(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")

    def broken(folder):
        raise AttributeError("module 'tensorflow' has no attribute 'io'")

    monkeypatch.setattr("torch.utils.tensorboard.SummaryWriter", broken)
    with pytest.raises(ImportError, match="does not work here .AttributeError: module 'tensorf"):
        tensorboard_report(tmp_path, "run")


def logged(folder):
    """{run: its steps}, as TensorBoard reads a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = {path.name: EventAccumulator(str(path)).Reload() for path in folder.iterdir()}
    return {
        name: [event.step for event in read.Scalars("loss/validation")]
        for name, read in found.items()
    }


def test_two_runs_of_one_name_are_two_runs_and_a_resumed_one_is_one(tmp_path, run):
    pytest.importorskip("tensorboard")
    for _ in range(2):
        tensorboard_report(tmp_path, "run")(replace(run, epochs=run.epochs[:1]))
    tensorboard_report(tmp_path, "run", resumed=True)(replace(run, epochs=run.epochs[:2]))
    assert logged(tmp_path) == {"run": [1], "run-2": [1, 2]}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_ends_the_log_with_one_warning_and_not_the_training(tmp_path, run, capfd):
    pytest.importorskip("tensorboard")
    report = tensorboard_report(tmp_path, "run")
    writer = report.__closure__
    files = [path for path in (tmp_path / "run").iterdir()]
    assert writer and len(files) == 1
    files[0].unlink()
    files[0].symlink_to("/dev/full")
    with pytest.warns(Note, match="no more is written for TensorBoard: .*No space left"):
        report(run)
    report(run)
    assert "Traceback" not in capfd.readouterr().err
