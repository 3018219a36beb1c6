"""Comparisons pair runs by their seeds, and say only what the pairs carry."""

import math
from dataclasses import replace

import pytest
from helpers import epoch
from paper_helpers import record, run

from alexnet_lib.paper.arms import ARMS, GRIDS
from alexnet_lib.paper.claims import CIFAR, CLAIMS
from alexnet_lib.paper.comparisons import (
    COMPARISONS,
    Comparison,
    Missing,
    compare,
    comparisons_of,
)
from alexnet_lib.paper.measures import GAP, STEPS_TO_GOAL, TEN_VIEWS_ERROR, TEST_ERROR
from alexnet_lib.paper.records import record_path
from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED, NOT_TESTED
from alexnet_lib.training.recipe import Recipe, learning_rate

POOLS = Comparison((), "3.4  pools", "pools 2x2", "four-layer", -1.0, "as a test")
RACE = Comparison(
    (), "3.1  race", GRIDS["relu", "code-2012"], GRIDS["tanh", "code-2012"], 3.0, "", STEPS_TO_GOAL
)


def test_runs_are_paired_by_their_seeds(tmp_path):
    record(tmp_path, "pools 2x2", [30, 40, 50, 60])
    record(tmp_path, "four-layer", [28, 38.1, 47.9])
    found = compare(POOLS, tmp_path)
    assert found.found.values == pytest.approx((-2, -1.9, -2.1)) and found.verdict == HOLDS
    assert found.before == pytest.approx((30, 40, 50)) and found.run.seed == 2


@pytest.mark.parametrize(
    ("after", "verdict"),
    [([29.9, 40.1, 50], NOT), ([32, 42.1, 52], NOT), ([25, 41, 48], NOT_SETTLED)],
)
def test_what_cannot_be_told_is_not_called_absent(after, verdict, tmp_path):
    record(tmp_path, "pools 2x2", [30, 40, 50])
    record(tmp_path, "four-layer", after)
    assert compare(POOLS, tmp_path).verdict == verdict


def test_a_comparison_with_a_flaw_tests_nothing(tmp_path):
    record(tmp_path, "pools 2x2", [30, 40, 50])
    record(tmp_path, "four-layer", [20, 30, 40])
    flawed = POOLS._replace(flaw="it hardly acts")
    assert compare(flawed, tmp_path).verdict == NOT_TESTED


def test_fewer_than_three_pairs_are_too_few(tmp_path):
    record(tmp_path, "pools 2x2", [30, 40, 50])
    record(tmp_path, "four-layer", [30, 40])
    with pytest.raises(Missing, match="2 of 3 pairs"):
        compare(POOLS, tmp_path)


def test_a_run_that_diverged_does_not_count(tmp_path):
    record(tmp_path, "pools 2x2", [30, 40, 50])
    record(tmp_path, "four-layer", [30, 40])
    diverged = replace(run(50, seed=2), epochs=[], test=None)
    diverged.write(record_path(tmp_path, "four-layer", 2))
    with pytest.raises(Missing):
        compare(POOLS, tmp_path)


def test_one_net_can_be_measured_in_two_ways(tmp_path):
    record(tmp_path, "four-layer", [30, 40, 50])
    views = POOLS._replace(before="four-layer", after_measure=TEN_VIEWS_ERROR)
    assert compare(views, tmp_path).found.values == pytest.approx((-2, -2, -2))


def race(folder, relu, tanh):
    """Runs whose fastest arm gets to 25 % training error in its last epoch; from 20 on, never."""
    for activation, epochs in (("relu", relu), ("tanh", tanh)):
        for rank, name in enumerate(GRIDS[activation, "code-2012"]):
            reached = rank == 1 and epochs < 20
            rows = [epoch(number, train_error=0.9) for number in range(1, epochs)]
            rows.append(epoch(epochs, train_error=0.1 if reached else 0.5))
            for seed in range(3):
                one = run(30, name, seed, tested=False)
                replace(one, epochs=rows).write(record_path(folder, name, seed))


def test_a_race_is_compared_by_ratios_of_the_fastest_arms(tmp_path):
    race(tmp_path, relu=2, tanh=11)
    found = compare(RACE, tmp_path)
    ratio = (10.5 - 0.15 / 0.8) / (1.5 - 0.15 / 0.8)
    assert found.found.mean == pytest.approx(ratio) and found.verdict == HOLDS
    assert not found.bounded and found.run.model == "four-layer"


@pytest.mark.parametrize(("epochs", "verdict"), [(22, HOLDS), (20, HOLDS)])
def test_a_race_that_is_not_finished_gives_a_bound(epochs, verdict, tmp_path):
    race(tmp_path, relu=2, tanh=epochs)
    found = compare(RACE, tmp_path)
    assert found.bounded and found.verdict == verdict
    assert found.after == (found.run.steps,) * 3


def test_a_bound_below_the_smallest_effect_settles_nothing(tmp_path):
    race(tmp_path, relu=10, tanh=20)
    found = compare(RACE, tmp_path)
    assert found.bounded and found.found.high < 3 and found.verdict == NOT_SETTLED


def test_a_race_that_relu_does_not_finish_is_no_comparison(tmp_path):
    race(tmp_path, relu=20, tanh=10)
    with pytest.raises(Missing):
        compare(RACE, tmp_path)


def test_arms_are_arms_or_grids_of_them():
    for one in COMPARISONS:
        for arm in (one.before, one.after):
            assert arm in ARMS if isinstance(arm, str) else arm in GRIDS.values()


def test_each_comparison_concerns_claims_that_experiments_test():
    known = {claim.name for claim in CLAIMS if claim.kind == CIFAR}
    assert all(one.claims and known.issuperset(one.claims) for one in COMPARISONS)
    for claim in {claim for one in COMPARISONS for claim in one.claims}:
        assert any(one.decides for one in comparisons_of(claim))


def test_the_smallest_effect_is_on_the_papers_side_and_never_above_its_number():
    for one in COMPARISONS:
        if one.paper is not None:
            null = 1 if one.measure.is_ratio else 0
            assert 0 < (one.smallest - null) / (one.paper - null) <= 1, one.words


@pytest.mark.parametrize("one", COMPARISONS, ids=lambda one: f"{one.words} {one.measure.label}")
def test_arms_of_a_comparison_see_the_same_images(one):
    before, after = (
        ARMS[arm if isinstance(arm, str) else arm[0]] for arm in (one.before, one.after)
    )
    assert before.images == after.images
    assert before.recipe.epochs == after.recipe.epochs or one.measure is STEPS_TO_GOAL
    for measure in (TEST_ERROR, GAP):
        if one.measure is measure:
            assert before.until is after.until is None


def test_weight_decay_shrinks_the_weights_by_what_the_comparison_says():
    arm, steps = ARMS["AlexNet"], -(-ARMS["AlexNet"].images // 128)
    recipe: Recipe = arm.recipe
    total = sum(
        learning_rate(recipe, [], place / steps / recipe.epochs)
        for place in range(steps * recipe.epochs)
    )
    shrunk = 1 - math.exp(-recipe.weight_decay * total / (1 - recipe.momentum))
    (one,) = comparisons_of("weight decay")
    assert f"by {100 * shrunk:.0f} %" in one.flaw
