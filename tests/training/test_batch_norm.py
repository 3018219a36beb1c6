"""Batch normalization compares the images of a batch: what becomes of batches of one."""

import warnings

import pytest
import torch
from small_runs import recipe
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.training.fit import fit


def batches(count, size, side=8):
    images = torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(count))
    return DataLoader(TensorDataset(images, torch.arange(count) % 3), batch_size=size)


def net_with(layer):
    """A net whose maps are 1×1, so that one image has one value per channel."""
    return nn.Sequential(nn.Conv2d(3, 4, 8), layer, nn.Flatten(), nn.Linear(4, 3))


def note_sizes(model):
    """A list that gets the number of images of each batch that `model` is trained on."""
    seen = []
    model.register_forward_hook(
        lambda net, given, gave: seen.append(len(given[0])) if net.training else None
    )
    return seen


@pytest.mark.parametrize("model", [net_with(nn.BatchNorm2d(4)), four_layer(norm="batch")])
def test_a_last_batch_of_one_image_is_left_out(model):
    seen = note_sizes(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = fit(model, batches(9, 4), batches(4, 4), recipe(epochs=2), device="cpu")
    assert seen == [4, 4, 4, 4]
    assert len(run.epochs) == 2
    assert all(value.isfinite().all() for value in model.state_dict().values())


def test_without_batch_normalization_the_last_image_counts():
    model = net_with(nn.ReLU())
    seen = note_sizes(model)
    fit(model, batches(9, 4), batches(4, 4), recipe(epochs=1), device="cpu")
    assert seen == [4, 4, 1]


@pytest.mark.parametrize(
    "norm", [nn.BatchNorm2d(4), nn.Sequential(nn.Flatten(), nn.BatchNorm1d(4))]
)
@pytest.mark.parametrize(("count", "size"), [(9, 1), (1, 4)])
def test_batches_of_one_image_are_refused_before_the_first_step(norm, count, size):
    model = net_with(norm)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match="first batch has one image: take batches of 2 or more"):
        fit(model, batches(count, size), batches(4, 4), recipe(epochs=1, init=None), device="cpu")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_loss_that_is_not_finite_is_found_before_an_image_that_is_left_out():
    loader = batches(9, 4)
    loader.dataset.tensors[0][5] = float("nan")
    with pytest.raises(FloatingPointError, match="no longer finite at step 2"):
        fit(four_layer(norm="batch"), loader, batches(4, 4), recipe(epochs=1), device="cpu")
