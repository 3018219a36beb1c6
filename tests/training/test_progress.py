"""Progress bars are redrawn seldom, and not made where evaluation is quick."""

import itertools

import pytest
import torch
from small_runs import NET, recipe

from alexnet_lib.nets.build import build
from alexnet_lib.training import progress
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.fit import fit


def test_bars_are_redrawn_once_an_epoch_where_epochs_are_quick(monkeypatch):
    drawn = []

    class Bar(progress.tqdm):
        def display(self, *args, **options):
            drawn.append(str(self))
            return super().display(*args, **options)

    monkeypatch.setattr(progress, "tqdm", Bar)
    monkeypatch.setitem(progress.BAR, "mininterval", 1e6)  # a slow machine takes over a second
    batches = [(torch.rand(4, 3, 8, 8), torch.zeros(4, dtype=torch.int64))] * 2
    fit(build(**NET), batches, batches, recipe(epochs=30))
    assert 30 <= len(drawn) < 45
    assert any("epoch 30 of 30" in bar for bar in drawn)


@pytest.mark.parametrize("first", [True, False])
def test_of_several_processes_the_first_one_shows_the_bars(first, monkeypatch, capsys):
    monkeypatch.setattr(progress, "is_first", lambda: first)
    with progress.TrainingProgress(epochs=2, batches=1, done=0) as bars:
        bars.begin_epoch(1)
        bars.end_batch()
    assert ("run:" in capsys.readouterr().err) == first


def test_evaluation_gets_a_bar_only_where_it_takes_long(monkeypatch):
    bars, clock = [], itertools.count()

    class Bar(progress.tqdm):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            bars.append(self)

    monkeypatch.setattr(progress, "tqdm", Bar)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    batches = [(torch.rand(4, 3, 8, 8), torch.zeros(4, dtype=torch.int64))] * 5
    evaluate(build(**NET), batches[:1])
    assert bars == []
    evaluate(build(**NET), batches)
    assert [(bar.n, bar.total) for bar in bars] == [(5, 5)]
