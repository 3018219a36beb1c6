"""The numbers of each epoch as TensorBoard reads them."""

import builtins
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


def test_without_tensorboard_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if "tensorboard" in name:
            raise ImportError("No module named 'tensorboard'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        tensorboard_report(tmp_path)
