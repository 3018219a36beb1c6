"""The numbers of each epoch as TensorBoard reads them."""

import sys
from dataclasses import replace

import pytest
import torch
from helpers import recorded_run

from alexnet_lib.training.tensorboard_log import tensorboard_report


@pytest.fixture
def run():
    return recorded_run()


def test_tensorboard_reads_the_scalars_back(tmp_path, run):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    report = tensorboard_report(tmp_path)
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


@pytest.fixture
def no_tensorboard(monkeypatch):
    """Nothing of TensorBoard is imported yet, as in a process that begins."""
    for name in [name for name in sys.modules if "tensorboard" in name]:
        monkeypatch.delitem(sys.modules, name)


def test_without_tensorboard_the_message_says_how_to_get_it(tmp_path, monkeypatch, no_tensorboard):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ImportError, match="not installed here.*pip install tensorboard$"):
        tensorboard_report(tmp_path)


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
        tensorboard_report(tmp_path / "logs")
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
        tensorboard_report(tmp_path)
