"""Rare classes count as much in the loss as frequent ones, where that is asked for."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers import colors
from small_runs import recipe
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from alexnet_lib.nets.four_layer import four_layer
from alexnet_lib.training.class_weights import class_weights
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.step import Step

LABELS = torch.tensor([0] * 6 + [1] * 3 + [2])
IMAGES = torch.rand(10, 3, 8, 8)


def test_balanced_weights_are_in_inverse_proportion_to_the_images_of_a_class():
    data = TensorDataset(IMAGES, LABELS)
    found = class_weights(Recipe(class_weights="balanced"), DataLoader(data, 4))
    torch.testing.assert_close(found, torch.tensor([10 / 18, 10 / 9, 10 / 3]))
    assert found[LABELS].mean() == pytest.approx(1)


def test_balanced_weights_count_one_hot_labels_by_class():
    one_hot = F.one_hot(torch.tensor([0] * 6 + [1] * 3), 2).float()
    found = class_weights(Recipe(class_weights="balanced"), TensorDataset(IMAGES[:9], one_hot))
    torch.testing.assert_close(found, torch.tensor([9 / 12, 9 / 6]))


def test_balanced_weights_of_an_image_set_know_its_classes():
    data = colors(12)
    found = class_weights(Recipe(class_weights="balanced"), recipe().batches(data))
    torch.testing.assert_close(found, 12 / (3 * torch.tensor(data.counts())))


def test_a_class_without_images_has_a_finite_weight():
    data = replace(colors(12).only(["red", "green"]), classes=("red", "green", "blue"))
    found = class_weights(Recipe(class_weights="balanced"), recipe().batches(data))
    torch.testing.assert_close(found, 8 / (3 * torch.tensor([4.0, 4, 1])))


def test_no_weights_and_numbers_are_taken_as_they_are():
    assert class_weights(Recipe(), None) is None
    for weights in ([1, 2.5], np.array([1, 2.5]), torch.tensor([1, 2.5])):
        assert class_weights(Recipe(class_weights=weights), None).tolist() == [1, 2.5]


def test_the_loss_of_a_step_is_torchs_weighted_loss():
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    weights = torch.tensor([0.5, 1.0, 3.0])
    expected = F.cross_entropy(model(IMAGES), LABELS, weights).detach()
    found = Step(model, recipe(), "cpu", class_weights=weights)(IMAGES, LABELS, rate=0.1)[0]
    torch.testing.assert_close(found, expected)


def test_the_loss_of_an_epoch_is_that_of_all_its_images_in_one_batch():
    model, weights = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)), torch.tensor([0.1, 1.0, 9.0])
    expected = F.cross_entropy(model(IMAGES), LABELS, weights).item()
    plan = recipe(epochs=1, learning_rate=1e-9, class_weights=weights.tolist(), init=None)
    batches = DataLoader(TensorDataset(IMAGES, LABELS), 4)  # the last one has the rare class
    run = fit(model, batches, batches, plan, device="cpu")
    assert run.epochs[0].train_loss == pytest.approx(expected)


def test_the_loss_of_an_epoch_in_which_no_image_counts_is_0():
    model, plan = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)), recipe(epochs=1, init=None)
    data = TensorDataset(IMAGES[:9], LABELS[:9])
    run = fit(model, data, data, replace(plan, class_weights=(0.0, 0.0, 1.0)), device="cpu")
    assert run.epochs[0].train_loss == 0


def test_a_batch_of_images_that_do_not_count_changes_nothing():
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    step = Step(model, recipe(weight_decay=0.0), "cpu", class_weights=torch.tensor([1.0, 1.0, 0.0]))
    before = model[1].weight.clone()
    assert step(IMAGES, torch.full((10,), 2), rate=0.1)[0] == 0
    assert torch.equal(model[1].weight, before)


@pytest.mark.parametrize("weights", ["balanced", [1.0, 2.0, 3.0]])
def test_weights_for_another_number_of_classes_are_named(weights):
    data, plan = TensorDataset(IMAGES, LABELS), recipe(epochs=1, class_weights=weights)
    with pytest.raises(ValueError, match="3 class weights, and the net has 5 outputs"):
        fit(four_layer(num_classes=5), data, data, plan, device="cpu")


def test_training_records_the_weights_that_it_used():
    plan = recipe(epochs=1, class_weights="balanced")
    run = fit(four_layer(num_classes=3), colors(), colors(48), plan, device="cpu")
    assert run.recipe["class_weights"] == "balanced"


def test_data_that_do_not_tell_their_labels_are_named():
    with pytest.raises(ValueError, match="needs the labels of all images, which a list"):
        class_weights(Recipe(class_weights="balanced"), [(IMAGES, LABELS)])


@pytest.mark.parametrize(
    "weights",
    ["rare", (), (0, 0), (1, -1), (1, float("nan")), ("a", "b"), 3, {0: 1.0, 1: 5.0}, {1.0, 5.0}],
)
def test_other_weights_are_refused(weights):
    with pytest.raises(ValueError, match='class_weights must be None, "balanced" or a number'):
        Recipe(class_weights=weights)
