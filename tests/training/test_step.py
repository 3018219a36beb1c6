"""Every way of making a step faster comes to the same losses."""

import warnings

import pytest
import torch
from helpers import colors
from small_runs import recipe
from torch import nn

from alexnet_lib.base import device as devices
from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.nets.lrn import lrn_formula
from alexnet_lib.training import step as steps
from alexnet_lib.training.step import Step


def losses(count=20, precision="float32", compile=False, plain_norm=False, last=True, seed=0):
    """The losses of the first steps of the four-layer net with LRN on three colors."""
    torch.manual_seed(seed)
    model = four_layer(norm="lrn", num_classes=3)
    if plain_norm:
        for norm in (model.features.norm1, model.features.norm2):
            norm.forward = lambda x: lrn_formula(x, 9, 0.001 / 9, 0.75, 1.0)
    if last:
        model.to(memory_format=torch.channels_last)
    plan = recipe(precision=precision)
    step = Step(model, plan, "cpu", compile)
    batches = [pair for _ in range(count) for pair in plan.batches(colors(48), train=True)]
    return torch.stack([step(*pair, rate=0.02)[0] for pair in batches[:count]])


@pytest.fixture(scope="module")
def plainly():
    """The losses of the same net in plain torch, weights in torch's usual layout."""
    return losses(plain_norm=True, last=False)


def test_losses_fall_so_that_there_is_something_to_compare(plainly):
    assert plainly[-1] < 0.7 * plainly[0]


def test_faster_norm_and_layout_change_no_loss(plainly):
    torch.testing.assert_close(losses(), plainly, rtol=1e-4, atol=1e-4)


def test_the_fused_optimizer_changes_no_loss(monkeypatch, plainly):
    slow = torch.optim.SGD
    monkeypatch.setattr(torch.optim, "SGD", lambda groups, fused, **rest: slow(groups, **rest))
    torch.testing.assert_close(losses(), plainly, rtol=1e-4, atol=1e-4)


def test_kept_memory_changes_no_loss(plainly):
    devices.keep_freed_memory()
    torch.testing.assert_close(losses(), plainly, rtol=1e-4, atol=1e-4)


@pytest.fixture
def eager_compile(monkeypatch):
    """`torch.compile` without a compiler of machine code, which would take a minute."""
    compile = torch.compile
    monkeypatch.setattr(torch, "compile", lambda model: compile(model, backend="eager"))


@pytest.mark.usefixtures("eager_compile")
def test_compile_changes_no_loss(plainly):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a fallback would warn, and give equal losses, too
        found = losses(compile=True)
    torch.testing.assert_close(found, plainly, rtol=1e-4, atol=1e-4)


def first_step(middle, compiled):
    """A step of a net with `middle` between its layers: what `Step` returns."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), middle, nn.Linear(12, 3))
    images, labels = torch.randn(8, 3, 2, 2), torch.arange(8) % 3
    return Step(model, recipe(), "cpu", compiled)(images, labels, rate=0.1)


@pytest.mark.usefixtures("eager_compile")
def test_compile_leaves_the_random_draws_of_dropout_as_they_are():
    plain, compiled = (first_step(nn.Dropout(0.5), compiled)[0] for compiled in (False, True))
    torch.testing.assert_close(plain, compiled)


@pytest.mark.usefixtures("eager_compile")
def test_compile_leaves_the_statistics_of_batch_normalization_as_they_are():
    plain, compiled = nn.BatchNorm1d(12), nn.BatchNorm1d(12)
    first_step(plain, False)
    first_step(compiled, True)
    torch.testing.assert_close(dict(plain.named_buffers()), dict(compiled.named_buffers()))
    assert plain.num_batches_tracked == 1


def test_where_compile_fails_one_warning_says_so_and_training_goes_on(monkeypatch, plainly):
    def broken(model):
        raise RuntimeError("no compiler found\nand a long story")

    monkeypatch.setattr(torch, "compile", broken)
    with pytest.warns(UserWarning, match="without it: no compiler found$") as caught:
        found = losses(compile=True)
    assert len(caught) == 1
    torch.testing.assert_close(found, plainly, rtol=1e-4, atol=1e-4)


def test_mixed_precision_stays_near_and_is_used_where_the_device_has_it(monkeypatch, plainly):
    monkeypatch.setattr(steps, "mixed_type", lambda device: torch.bfloat16)
    mixed = losses(precision="mixed")
    assert (mixed - plainly).abs().max() < 0.05
    assert not torch.allclose(mixed, plainly, rtol=0, atol=1e-6)


def test_mixed_precision_is_float32_where_the_device_has_no_other(monkeypatch, plainly):
    monkeypatch.setattr(steps, "mixed_type", lambda device: None)
    torch.testing.assert_close(losses(precision="mixed"), plainly, rtol=1e-4, atol=1e-4)


def test_a_step_returns_what_it_saw_before_the_update():
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    images, labels = torch.randn(8, 3, 2, 2), torch.arange(8) % 3
    before = model(images).detach()
    loss, logits, seen = Step(model, recipe(), "cpu")(images, labels, rate=0.1)
    torch.testing.assert_close(logits, before)
    torch.testing.assert_close(loss, nn.functional.cross_entropy(before, labels))
    assert torch.equal(seen, labels)
    assert not torch.allclose(model(images), before)


def test_a_net_in_double_precision_keeps_its_digits():
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 3)).double()
    images, labels = torch.randn(8, 3, 2, 2, dtype=torch.float64), torch.arange(8) % 3
    before = model(images).detach()
    loss, logits, _ = Step(model, recipe(), "cpu")(images, labels, rate=0.1)
    assert logits.dtype == loss.dtype == torch.float64
    assert torch.equal(logits, before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("precision", ["float32", "mixed"])
def test_a_gpu_learns_as_the_cpu_does(precision, plainly):
    torch.manual_seed(0)
    model = four_layer(norm="lrn", num_classes=3).cuda()
    plan = recipe(precision=precision)
    step = Step(model, plan, "cuda")
    batches = [b for _ in range(20) for b in plan.batches(colors(48), train=True, device="cuda")]
    found = torch.stack([step(*pair, rate=0.02)[0] for pair in batches[:20]]).cpu()
    torch.testing.assert_close(found, plainly, rtol=0, atol=1e-2 if precision == "float32" else 0.1)
