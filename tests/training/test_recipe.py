"""Recipes: the learning rate's schedules, and wrong numbers."""

import numpy as np
import pytest
import torch
from helpers import colors, epoch

from alexnet_lib.training.recipe import RECIPES, Recipe, learning_rate
from alexnet_lib.training.recording import recorded_recipe


def rows(*accuracies):
    return [epoch(validation_top1=accuracy) for accuracy in accuracies]


def test_plateau_divides_by_ten_when_validation_stalls_three_times_at_most():
    plateau = Recipe(schedule="plateau", patience=2, learning_rate=0.1)
    rate = [learning_rate(plateau, rows(*[0.5] * n), 0) for n in range(12)]
    assert rate[:3] == [0.1] * 3
    assert rate[3:5] == pytest.approx([0.01] * 2)
    assert rate[5:7] == pytest.approx([0.001] * 2)
    assert rate[7:] == pytest.approx([0.0001] * 5)
    assert learning_rate(plateau, rows(0.1, 0.2, 0.3, 0.25, 0.4), 0) == 0.1


def test_drops_divide_the_rate_by_ten_at_60_80_and_95_percent_of_the_epochs():
    drops = Recipe(schedule="drops", learning_rate=1.0)
    rates = [learning_rate(drops, [], part) for part in (0.0, 0.59, 0.6, 0.79, 0.8, 0.94, 0.95)]
    assert rates == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01, 0.01, 0.001])


def test_cosine_warms_up_and_ends_at_zero():
    cosine = Recipe(schedule="cosine", learning_rate=0.1)
    rate = [learning_rate(cosine, [], progress / 100) for progress in range(101)]
    assert rate[0] == 0 and rate[100] == pytest.approx(0, abs=1e-9)
    assert max(rate) == pytest.approx(rate[10]) and 0.09 < rate[10] < 0.1
    assert rate[50] == pytest.approx(0.05)


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": -0.1},
        {"learning_rate": float("nan")},
        {"learning_rate": "0.1"},
        {"weight_decay": None},
        {"flip": "no"},
        {"keep_best": 1},
        {"epochs": 0},
        {"momentum": 1.0},
        {"weight_decay": -1},
        {"schedule": "linear"},
        {"init": "zeros"},
        {"scale": "raw"},
        {"batch_size": 1.5},
    ],
)
def test_a_recipe_names_the_wrong_number(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Recipe(**wrong)


def test_numbers_of_torch_and_numpy_are_recorded_as_pythons():
    recipe = Recipe(learning_rate=torch.tensor(0.5), momentum=np.float32(0.75), weight_decay=0)
    recorded = recorded_recipe(recipe)
    assert (recorded["learning_rate"], recorded["momentum"]) == (0.5, 0.75)
    assert type(recorded["weight_decay"]) is int


@pytest.mark.parametrize(
    ("numbers", "pad"),
    [({}, 2), ({"pad": 4}, 4), ({"crop": 0.75}, 0), ({"crop": 0.75, "pad": 4}, 4)],
)
def test_ten_views_are_of_places_that_differ_and_of_a_tenth_of_the_images(numbers, pad):
    found = Recipe(batch_size=60, **numbers).batches(colors(), ten_views=True, device="cpu")
    assert (found.pad, found.batch_size) == (pad, 6)


def test_the_papers_recipe_has_the_papers_numbers():
    paper = RECIPES["paper"]
    numbers = (paper.batch_size, paper.learning_rate, paper.momentum, paper.weight_decay)
    assert numbers == (128, 0.01, 0.9, 0.0005)
    assert (paper.crop, paper.color, paper.epochs) == (224 / 256, 0.1, 90)
