"""Recorded runs are found by the names of their arms, without torch."""

import subprocess
import sys

import pytest
from helpers import epoch
from paper_helpers import run

from alexnet_lib.paper.records import (
    CLAIMS_FOLDER,
    fastest_arm,
    lowest_validation_error,
    record_path,
    recorded_runs,
)


def record(folder, name, seed=0, errors=()):
    """A run of an arm with these training errors, one per epoch."""
    found = run(30, name, seed)
    found.epochs = [epoch(number, train_error=one) for number, one in enumerate(errors, 1)]
    found.train_sample = None
    found.write(record_path(folder, name, seed))


def test_a_run_has_a_file_of_its_own_named_after_its_arm_and_seed():
    path = record_path("claims", "crops, flips, color", 2)
    assert path.as_posix() == "claims/crops-flips-color-seed2.json"


def test_runs_come_in_the_order_of_their_seeds_and_only_those_of_the_arm(tmp_path):
    for seed in (10, 2, 0):
        record(tmp_path, "LRN", seed)
    record(tmp_path, "LRN, scaled alpha", 1)
    assert list(recorded_runs(tmp_path, "LRN")) == [0, 2, 10]
    assert recorded_runs(tmp_path, "alpha") == recorded_runs(tmp_path / "none", "LRN") == {}


ONE, TWO, THREE = [f"race relu he {rate}" for rate in (0.003, 0.01, 0.03)]


def test_the_fastest_arm_takes_the_fewest_steps_with_the_first_seed(tmp_path):
    record(tmp_path, ONE, errors=(0.9, 0.8, 0.05))  # later, and then lower
    record(tmp_path, TWO, errors=(0.9, 0.2, 0.1))
    record(tmp_path, TWO, seed=1, errors=(0.9, 0.8, 0.7))
    assert fastest_arm(tmp_path, (ONE, TWO), 0.25) == TWO
    assert fastest_arm(tmp_path, (ONE, TWO, THREE), 0.25) is None


def test_where_no_arm_gets_there_the_fastest_is_the_one_that_comes_closest(tmp_path):
    record(tmp_path, ONE, errors=(0.9, 0.5))
    record(tmp_path, TWO, errors=(0.9, 0.4))
    record(tmp_path, THREE)  # diverged in its first epoch
    assert fastest_arm(tmp_path, (ONE, TWO, THREE), 0.25) == TWO


def test_the_arm_with_the_lowest_validation_error_is_chosen_by_the_last_epoch(tmp_path):
    for name, error in ((ONE, 40), (TWO, 30), (THREE, 35)):
        run(error, name).write(record_path(tmp_path, name, 0))
    run(10, ONE, 1).write(record_path(tmp_path, ONE, 1))
    assert lowest_validation_error(tmp_path, (ONE, TWO, THREE)) == TWO
    record(tmp_path, TWO)  # diverged in its first epoch
    assert lowest_validation_error(tmp_path, (ONE, TWO, THREE)) == THREE
    record(tmp_path, THREE)
    assert lowest_validation_error(tmp_path, (TWO, ONE, THREE)) == ONE
    assert lowest_validation_error(tmp_path, (TWO, THREE)) == TWO
    assert lowest_validation_error(tmp_path / "none", (ONE, TWO)) is None


@pytest.mark.parametrize("module", ["records", "measures", "statistics", "claims", "ledger"])
def test_reading_recorded_runs_needs_no_torch(module):
    code = f"""
import sys
sys.argv = ["-m"]  # as for `python -m`: the package imports nothing on its own
from alexnet_lib.paper import {module}, records
assert len(records.recorded_runs({str(CLAIMS_FOLDER)!r}, "four-layer")) == 3
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
