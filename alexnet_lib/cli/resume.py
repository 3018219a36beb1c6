"""Continue a run that was stopped, to the number of epochs that it was started for.

Network, recipe and data are those in its checkpoint. The result is the same as without the stop.
Where the images are in another place now, --data says where; others than these are refused.

On two GPUs: torchrun --nproc-per-node 2 -m alexnet_lib resume ...
"""

from pathlib import Path

from alexnet_lib.base.text import plain_text
from alexnet_lib.cli.arguments import (
    Usage,
    add_compile,
    add_device,
    add_tensorboard,
    check_outside,
    data_source,
    file_or_folder,
)

HELP = "continue a run that was stopped"
EXAMPLE = "resume runs/first"


def add_arguments(parser):
    parser.add_argument(
        "folder", type=file_or_folder, metavar="DIR", help="what `train` was given as --out"
    )
    parser.add_argument(
        "--data", type=data_source, metavar="DATA",
        help="where the run's images are now; default: where they were",
    )  # fmt: skip
    add_device(parser)
    add_compile(parser)
    add_tensorboard(parser)


def run(options):
    from alexnet_lib.base.device import pick_device
    from alexnet_lib.base.process_group import process_group
    from alexnet_lib.cli.group import how_to_resume

    device = pick_device(options.device)  # a wrong name is told before anything else
    out = _folder(options.folder)
    with process_group(device, how_to_resume(out)) as device:
        return resume_run(out, options, device, options.data)


def _folder(name):
    """The folder of a run, or that of its checkpoint.pt. Usage for another file."""
    place = Path(name)
    if place.is_file():
        if place.name != "checkpoint.pt":
            raise Usage(f"{plain_text(place, None)} is a file; give the run's folder")
        return place.parent
    return place


def resume_run(out, options, device, images=None):
    """Continues the run in the folder `out`. Returns the exit code.

    Of the `options` only compile and tensorboard count; `device` is that of this process. `images`
    is where the run's images are, None where they were.
    """
    from alexnet_lib.base.process_group import is_first
    from alexnet_lib.cli.group import load_splits
    from alexnet_lib.cli.output import draw_curves
    from alexnet_lib.cli.train import epoch_report, train_and_test
    from alexnet_lib.nets.build import build
    from alexnet_lib.training.checkpoint import Checkpoints, locked_run, read_checkpoint
    from alexnet_lib.training.recipe import Recipe
    from alexnet_lib.training.run import Run

    place = plain_text(out, None)
    if not (out / "checkpoint.pt").is_file():
        raise FileNotFoundError(f"no checkpoint at {place}")
    with locked_run(out):  # before the checkpoint is read, or it could be that of an older epoch
        content = read_checkpoint(out)
        run, recipe = Run.from_dict(content["run"]), Recipe(**content["run"]["recipe"])
        done = f"{place}: {len(run.epochs)} of {recipe.epochs} epochs done"
        recorded = _recorded(out, run)
        if recorded:  # the test images are read once
            if is_first() and not (out / "curves.png").exists():
                draw_curves(recorded, out)
            accuracy = f"{100 * recorded.test['top1']:.1f} %"
            print(f"{done}\nnothing is left to do: test accuracy {accuracy}")
            return 0
        source = _source(content, images)
        check_outside(source.get("source", "cifar10"), tensorboard=options.tensorboard)
        checkpoints = Checkpoints(out, content["net"], source, content)
        print(done)
        train, validation = load_splits(source, "train", "validation")
        report = epoch_report(options.tensorboard, out.name, resumed=True)
        return train_and_test(
            build(**content["net"]), train, validation, recipe, checkpoints,
            device=device, compile=options.compile, report=report,
        )  # fmt: skip


def _source(content, images):
    """The arguments of `load` for the images of a checkpoint's run, which may be at `images`."""
    if content["source"] is None and images is None:
        raise Usage("the checkpoint does not say which images it was trained on: add --data")
    return (content["source"] or {}) | ({"source": images} if images else {})


def _recorded(out, run):
    """The record of this run with its test, if there is one; run.json may be of another run."""
    from alexnet_lib.training.run import Run

    if not (out / "run.json").is_file():
        return None
    try:
        recorded = Run.read(out / "run.json")
    except ValueError as error:
        words = "remove it, and resume: all epochs are in checkpoint.pt, too"
        raise ValueError(f"{error}\n{words}") from error
    same = recorded.epochs == run.epochs and recorded.recipe == run.recipe
    return recorded if same and recorded.test and run.is_complete else None
