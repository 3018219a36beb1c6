"""What training will take is said before it starts, and what cannot fit is refused."""

import pytest
import torch
from helpers import colors
from small_runs import recipe

from alexnet_lib.data.batches import Batches
from alexnet_lib.nets.alexnet import alexnet
from alexnet_lib.nets.build import build
from alexnet_lib.training import estimate as estimates
from alexnet_lib.training.fit import fit
from alexnet_lib.training.step import Step


def test_memory_counts_three_of_each_weight_and_what_each_image_keeps():
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 5), torch.nn.Tanh())
    fixed, each, outputs = estimates.step_memory(model, (3, 2, 2))
    assert fixed == 3 * 4 * (12 * 5 + 5)
    assert each == 2 * 4 * (12 + 5 + 5)  # what the linear layer and tanh keep, and the output
    assert outputs == 5


def test_memory_leaves_batch_norm_and_the_mode_as_they_are():
    model = alexnet("batch-norm", num_classes=3)
    before = model.features.bn1.running_mean.clone()
    estimates.step_memory(model, (3, 67, 67))
    assert torch.equal(model.features.bn1.running_mean, before)
    assert model.training


def test_larger_images_take_more():
    model = build("four-layer", 3)
    small, large = (estimates.step_memory(model, (3, s, s))[1] for s in (32, 64))
    assert 3.5 * small < large < 4.5 * small


def test_fit_refuses_what_does_not_fit_and_says_what_would(monkeypatch):
    monkeypatch.setattr(estimates, "free_memory", lambda device: 3_000_000)
    model = build("four-layer", 3)
    fixed, each, _ = estimates.step_memory(model, (3, 8, 8))
    fits = (3_000_000 - 2 * fixed // 3) // each
    with pytest.raises(MemoryError, match=f"free: a batch size of {fits} or less fits"):
        fit(model, colors(2000), colors(48), recipe(batch_size=2000))
    fit(build("four-layer", 3), colors(2000), colors(48), recipe(batch_size=fits, epochs=1))


def test_what_does_not_fit_is_refused_before_a_batch_of_it_is_made(monkeypatch):
    def made(*_):
        raise AssertionError("a batch was made")

    monkeypatch.setattr(estimates, "free_memory", lambda device: 3_000_000)
    monkeypatch.setattr(Batches, "__iter__", made)
    with pytest.raises(MemoryError, match="take smaller images|or less fits"):
        fit(build("four-layer", 3), colors(64), colors(48), recipe(size=256), device="cpu")


def test_a_device_that_does_not_tell_its_memory_is_tried(monkeypatch):
    monkeypatch.setattr(estimates, "free_memory", lambda device: None)
    assert estimates.check_memory(build("four-layer", 3), (10**9, 3, 8, 8)) == 3


def test_speed_is_the_images_of_a_second(monkeypatch):
    clock = iter(0.5 * tick for tick in range(100))
    monkeypatch.setattr(estimates.time, "perf_counter", lambda: next(clock))
    batches = recipe().batches(colors(48), train=True)  # three batches of 16 an epoch
    step = Step(build("four-layer", 3), recipe(), "cpu")
    assert estimates.training_speed(step, batches, 0.01) == pytest.approx(32)


@pytest.mark.parametrize(
    ("seconds", "words"), [(42.4, "42 s"), (100, "1.7 min"), (5399, "90.0 min"), (9000, "2.5 h")]
)
def test_durations_are_said_as_people_say_them(seconds, words):
    assert estimates.duration(seconds) == words
