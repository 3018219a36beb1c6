"""Measures take one number of each run, in the unit they name."""

from dataclasses import replace

import pytest
from helpers import epoch
from paper_helpers import run

from alexnet_lib.paper.measures import (
    EPOCHS_TO_LOSS,
    GAP,
    SAMPLE_ERROR,
    SECOND_TRAINING_LOSS,
    STEPS_TO_GOAL,
    TEN_VIEWS_ERROR,
    TEST_ERROR,
    TOP5_ERROR,
    VALIDATION_ERROR,
)

ROWS = [
    epoch(1, train_error=0.5, train_loss=1.5, validation_loss=1.8, validation_top1=0.4),
    epoch(2, train_error=0.25, train_loss=0.7, validation_loss=1.2, validation_top1=0.6),
    epoch(3, train_error=0.1, train_loss=0.3, validation_loss=1.4, validation_top1=0.7),
]
TESTED = replace(
    run(31), epochs=ROWS, train_sample={"top1": 0.95}
)  # 1280 images in batches of 128: ten steps per epoch


NUMBERS = [
    (TEST_ERROR, 31), (VALIDATION_ERROR, 30), (TEN_VIEWS_ERROR, 29), (TOP5_ERROR, 4),
    (SAMPLE_ERROR, 5), (GAP, 25), (SECOND_TRAINING_LOSS, 0.7), (EPOCHS_TO_LOSS, 1 + 1 / 3),
    (STEPS_TO_GOAL, 15),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "number"), NUMBERS)
def test_a_measure_takes_its_number_of_a_run(measure, number):
    assert measure.of(TESTED) == pytest.approx(number)


@pytest.mark.parametrize("measure", [measure for measure, _ in NUMBERS], ids=str)
def test_a_run_without_epochs_and_test_has_no_number(measure):
    diverged = replace(TESTED, epochs=[], test=None, train_sample=None)
    assert measure.of(diverged) is None
    assert measure.values([diverged, TESTED, diverged]) == [measure.of(TESTED)]


def test_where_the_goal_is_not_reached_all_steps_are_a_bound():
    slow = replace(TESTED, epochs=ROWS[:1])
    assert STEPS_TO_GOAL.of(slow) is None and STEPS_TO_GOAL.bound(slow) == 10
    assert EPOCHS_TO_LOSS.of(slow) is None and EPOCHS_TO_LOSS.bound(slow) == 1


def test_a_loss_below_the_goal_after_the_first_epoch_counts_as_one_epoch():
    assert EPOCHS_TO_LOSS.of(replace(TESTED, epochs=[replace(ROWS[1], epoch=1)])) == 1


def test_runs_that_were_not_tested_have_a_validation_error_instead():
    untested = replace(TESTED, test=None)
    assert TEST_ERROR.of(untested) is None
    assert TEST_ERROR.short.of(untested) == pytest.approx(30)
