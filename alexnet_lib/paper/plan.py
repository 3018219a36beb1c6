"""What is still to be trained of the experiments, where it is recorded, how long it takes."""

from pathlib import Path
from typing import NamedTuple

import torch
from tqdm.auto import tqdm

from alexnet_lib.base.device import pick_device
from alexnet_lib.data.image_set import ImageSet, subset
from alexnet_lib.data.load import load, training_files
from alexnet_lib.paper.arms import ARMS, full_size
from alexnet_lib.paper.experiments import EXPERIMENTS, representative
from alexnet_lib.paper.records import record_path, recorded_runs
from alexnet_lib.training.estimate import duration, training_speed
from alexnet_lib.training.step import Step


class ExperimentData(NamedTuple):
    """Training and validation images, the `source` that `load` read them from, and which files
    that were, as `training_files` says it: None where they cannot change.
    """

    train: ImageSet
    validation: ImageSet
    source: str
    files: str | None = None


class Plan(NamedTuple):
    """Which experiments are to be run, on what, and where they are recorded.

    names    of EXPERIMENTS
    arms     {name: `Arm`}
    seeds    how many runs of each arm; their seeds are 0, 1, 2, …
    folder   for the recorded runs; `work` is for checkpoints of runs that are not finished
    """

    names: list
    arms: dict
    data: ExperimentData
    seeds: int
    folder: Path
    work: Path
    device: torch.device

    def missing(self):
        """What is still to be trained, as pairs (arm, seed): see `missing_runs`."""
        return missing_runs(self.names, self.seeds, self.folder)

    def work_folder(self, name, seed):
        """Where the checkpoints of an arm's run are until it is recorded."""
        return self.work / record_path(self.folder, name, seed).stem

    def other_data(self):
        """Names of other data that runs of the experiments are recorded on, sorted."""
        runs = [run for name in self.names for run in _recorded(name, self.folder)]
        return sorted({run.data for run in runs} - {self.data.train.name})

    def speeds(self):
        """Images per second on this device, for each kind of arm that is missing.

        Each is measured for a second. A kind is what takes equally long: see `Arm.kind`.
        """
        found = {}
        for name, _ in tqdm(self.missing(), desc="measuring", leave=False):
            arm = self.arms[name]
            if arm.kind not in found:
                found[arm.kind] = self._speed(arm)
        return found

    def _speed(self, arm):
        model = arm.build(len(self.data.train.classes)).to(self.device)
        images = subset(self.data.train, arm.images)
        batches = arm.recipe.batches(images, train=True, device=self.device)
        step = Step(model, arm.recipe, self.device)
        return training_speed(step, batches, arm.recipe.learning_rate, seconds=1)

    def seconds(self, pairs, speeds):
        """About how many seconds training these pairs (arm, seed) takes at most.

        `speeds` are those of `speeds()`; evaluating an image takes a third of training on it.
        """
        total, available = 0, len(self.data.train)
        for name, _ in pairs:
            arm = self.arms[name]
            images = min(available, arm.images or available) + len(self.data.validation) / 3
            total += arm.recipe.epochs * images / speeds[arm.kind]
        return total


def make_plan(names, source, seeds, out, work, device, full=False):
    """The `Plan` for experiments on the images of `source`, as `load` takes it.

    `full`: each arm at its full size, in a folder "full" within `out` and `work`.
    """
    files = training_files(source)
    data = ExperimentData(load(source, "train"), load(source, "validation"), source, files)
    arms = {name: full_size(arm) for name, arm in ARMS.items()} if full else ARMS
    folders = (Path(folder) / ("full" if full else "") for folder in (out, work))
    return Plan(list(names), arms, data, seeds, *folders, pick_device(device))


def missing_runs(experiments, seeds, folder):
    """What is still to be trained, as pairs (arm, seed): the first seed of all comes first.

    Of a grid of learning rates all arms are trained with the first seed, and only the best one
    with the others. As long as the best is not known, the grid's first arm stands for it.
    """
    wanted = []
    for seed in range(seeds):
        for name in experiments:
            for group in EXPERIMENTS[name].groups:
                arms = group if seed == 0 else [representative(group, folder)]
                wanted += [(arm, seed) for arm in arms]
    return [pair for pair in dict.fromkeys(wanted) if not record_path(folder, *pair).is_file()]


def waits_for_grid(pair, experiments, folder):
    """Whether a pair (arm, seed) is of a grid whose best arm is not known yet."""
    name, seed = pair
    groups = [group for one in experiments for group in EXPERIMENTS[one].groups if name in group]
    first = [(arm, 0) for group in groups if len(group) > 1 for arm in group]
    return seed > 0 and not all(record_path(folder, *place).is_file() for place in first)


def experiment_line(name, plan, speeds):
    """A line of text on an experiment: what is recorded, what is missing, what it asks."""
    pairs = missing_runs([name], plan.seeds, plan.folder)
    left = f"{len(pairs)} missing, {duration(plan.seconds(pairs, speeds))}"
    count = len(_recorded(name, plan.folder))
    width = max(map(len, EXPERIMENTS))
    return f"{name:<{width}} {count:>3} recorded  {left:<22} {EXPERIMENTS[name].question}"


def _recorded(name, folder):
    """All recorded runs of an experiment, those of each arm of a grid included."""
    arms = [arm for group in EXPERIMENTS[name].groups for arm in group]
    return [run for arm in arms for run in recorded_runs(folder, arm).values()]
