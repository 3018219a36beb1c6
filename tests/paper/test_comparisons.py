"""Comparisons pair runs by their seeds, and say only what the pairs carry."""

from dataclasses import replace

import pytest
from helpers import epoch
from paper_helpers import record, run

from alexnet_lib.paper.arms import ARMS, GRIDS, OWN_GRIDS
from alexnet_lib.paper.claims import CIFAR, CLAIMS
from alexnet_lib.paper.comparisons import (
    COMPARISONS,
    Comparison,
    Missing,
    compare,
    comparisons_of,
)
from alexnet_lib.paper.measures import (
    GAP,
    SECOND_TRAINING_LOSS,
    STEPS_TO_GOAL,
    TEN_VIEWS_ERROR,
    TEST_ERROR,
)
from alexnet_lib.paper.records import record_path
from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED
from alexnet_lib.paper.verdict_rules import in_words

POOLS = Comparison((), "3.4  pools", "max pools 2x2", "max pools", -1.0, "as a test")
RACE = Comparison(
    (), "3.1  race", GRIDS["relu", "code-2012"], GRIDS["tanh", "code-2012"], 3.0, "", STEPS_TO_GOAL
)


def test_runs_are_paired_by_their_seeds(tmp_path):
    record(tmp_path, "max pools 2x2", [30, 40, 50, 60])
    record(tmp_path, "max pools", [28, 38.1, 47.9])
    found = compare(POOLS, tmp_path)
    assert found.found.values == pytest.approx((-2, -1.9, -2.1)) and found.verdict == HOLDS
    assert found.before == pytest.approx((30, 40, 50)) and found.run.seed == 2


@pytest.mark.parametrize(
    ("after", "verdict"),
    [([29.9, 40.1, 50], NOT), ([32, 42.1, 52], NOT), ([25, 41, 48], NOT_SETTLED)],
)
def test_what_cannot_be_told_is_not_called_absent(after, verdict, tmp_path):
    record(tmp_path, "max pools 2x2", [30, 40, 50])
    record(tmp_path, "max pools", after)
    assert compare(POOLS, tmp_path).verdict == verdict


def test_fewer_than_three_pairs_are_too_few(tmp_path):
    record(tmp_path, "max pools 2x2", [30, 40, 50])
    record(tmp_path, "max pools", [30, 40])
    with pytest.raises(Missing, match="2 of 3 pairs"):
        compare(POOLS, tmp_path)


def test_a_run_that_diverged_does_not_count(tmp_path):
    record(tmp_path, "max pools 2x2", [30, 40, 50])
    record(tmp_path, "max pools", [30, 40])
    diverged = replace(run(50, seed=2), epochs=[], test=None, train_sample=None)
    diverged.write(record_path(tmp_path, "max pools", 2))
    with pytest.raises(Missing):
        compare(POOLS, tmp_path)
    for name, error in (("max pools 2x2", 60), ("max pools", 58)):
        run(error, name, 3).write(record_path(tmp_path, name, 3))
    found = compare(POOLS, tmp_path)
    assert (len(found.found.values), found.pairs) == (3, 4)
    assert in_words(found).endswith(", 3 of 4 seeds")


@pytest.mark.parametrize("arm", ["max pools 2x2", "max pools"])
def test_what_a_run_measured_before_it_diverged_does_not_count(tmp_path, arm):
    early = POOLS._replace(measure=SECOND_TRAINING_LOSS, smallest=-0.1)
    for name in ("max pools 2x2", "max pools"):
        record(tmp_path, name, [30, 40, 50])
    assert compare(early, tmp_path).pairs == 3
    replace(run(30, arm), test=None).write(record_path(tmp_path, arm, 0))
    with pytest.raises(Missing, match="2 of 3 pairs"):
        compare(early, tmp_path)


def test_one_net_can_be_measured_in_two_ways(tmp_path):
    record(tmp_path, "max pools", [30, 40, 50])
    views = POOLS._replace(before="max pools", after_measure=TEN_VIEWS_ERROR)
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


def test_a_bound_must_show_the_effect_with_its_whole_interval(tmp_path):
    race(tmp_path, relu=4, tanh=20)
    name = GRIDS["relu", "code-2012"][1]
    rows = [epoch(number, train_error=0.9) for number in range(1, 6)]
    slow = replace(run(30, name, 2, tested=False), epochs=[*rows, epoch(6, train_error=0.1)])
    slow.write(record_path(tmp_path, name, 2))
    found = compare(RACE, tmp_path)
    assert found.bounded and 1 < found.found.low < 3 < found.found.mean
    assert found.verdict == NOT_SETTLED


def test_a_race_that_relu_does_not_finish_is_no_comparison(tmp_path):
    race(tmp_path, relu=20, tanh=10)
    with pytest.raises(Missing):
        compare(RACE, tmp_path)


def test_arms_are_arms_or_grids_of_them():
    grids = [*GRIDS.values(), *OWN_GRIDS.values()]
    for one in COMPARISONS:
        for arm in (one.before, one.after):
            assert arm in ARMS if isinstance(arm, str) else arm in grids


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


def test_the_best_of_a_grid_stands_for_it_and_for_its_name_the_net(tmp_path):
    for grid, best in (("raw", 30), ("raw, LRN", 20)):
        for place, name in enumerate(OWN_GRIDS[grid]):
            record(tmp_path, name, [best + place, best + 1 + place, best + 2 + place])
    one = POOLS._replace(before=OWN_GRIDS["raw"], after=OWN_GRIDS["raw, LRN"])
    found = compare(one, tmp_path)
    assert found.before == pytest.approx((30, 31, 32)) and found.run.model == "four-layer"


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
