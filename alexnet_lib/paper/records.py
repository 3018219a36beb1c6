"""Recorded runs: where they are, and how they are found. Nothing here imports torch."""

from pathlib import Path

from alexnet_lib.training.run import Run

CLAIMS_FOLDER = Path(__file__).resolve().parents[2] / "results" / "claims"


def record_path(folder, arm, seed):
    """The file of the run of an arm, given by name, with a seed."""
    return Path(folder) / f"{arm.replace(', ', '-').replace(' ', '-')}-seed{seed}.json"


def recorded_runs(folder, arm):
    """The recorded runs of an arm, given by name: {seed: Run}, in the order of the seeds."""
    files = Path(folder).glob(record_path(folder, arm, "*").name)
    runs = sorted((Run.read(file) for file in files), key=lambda run: run.seed)
    return {run.seed: run for run in runs}


def fastest_arm(folder, arms, train_error):
    """The arm whose run with seed 0 reaches a training error in the fewest steps.

    Where none reaches it, the arm that comes closest. None where the run of an arm is missing.
    """

    def order(run):
        steps = run.steps_until(train_error)
        lowest = min((row.train_error for row in run.epochs), default=1)
        return steps is None, steps or lowest

    return _first(folder, arms, order)


def lowest_validation_error(folder, arms):
    """The arm whose run with seed 0 ends with the lowest validation error.

    Runs that diverged come last. None where the run of an arm is missing.
    """

    def order(run):
        error = run.final("validation_error")
        return error is None, error or 0

    return _first(folder, arms, order)


def _first(folder, arms, order):
    """The arm whose run with seed 0 has the lowest `order(run)`; None where a run is missing."""
    runs = {arm: recorded_runs(folder, arm).get(0) for arm in arms}
    return None if None in runs.values() else min(arms, key=lambda arm: order(runs[arm]))
