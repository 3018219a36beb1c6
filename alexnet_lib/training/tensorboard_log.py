"""The numbers of each epoch for TensorBoard."""

import threading
from pathlib import Path
from textwrap import shorten

from alexnet_lib.base.notes import note


def tensorboard_report(folder, name="run", resumed=False):
    """A `report` for `fit` that writes each epoch's numbers for TensorBoard.

    They go into `folder`/`name`, which TensorBoard shows as one run. Another run of that name gets
    a number; a `resumed` run continues the last. Scalars, with the epoch as their step: loss and
    accuracy (a fraction), each /training and /validation, and learning_rate.

    Where they cannot be written, a note says so once, and training continues without them.
    Raises ImportError where TensorBoard is not installed or cannot be used, OSError where the
    folder cannot be written at the beginning.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except Exception as error:  # a package that does not fit the others raises anything
        raise ImportError(_advice(error)) from error
    try:
        writer = SummaryWriter(str(_folder_of_run(Path(folder), name, resumed)))
    except OSError:  # the folder cannot be written
        raise
    except Exception as error:
        raise ImportError(_advice(error)) from error

    _silence_writing_thread()
    failed = False

    def report(run):
        nonlocal failed
        if failed:
            return
        row = run.epochs[-1]
        scalars = {
            "loss/training": row.train_loss,
            "loss/validation": row.validation_loss,
            "accuracy/training": 1 - row.train_error,
            "accuracy/validation": row.validation_top1,
            "learning_rate": row.learning_rate,
        }
        try:
            for tag, value in scalars.items():
                writer.add_scalar(tag, value, row.epoch)
            writer.flush()
        except OSError as error:
            failed = True
            note(f"no more is written for TensorBoard: {error}")

    return report


def _folder_of_run(folder, name, resumed):
    """The folder of this run: folder/name, or name-2 and so on where that is another run's."""
    number, last = 1, None
    while (path := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number, last = number + 1, path
    return last if resumed and last else path


def _silence_writing_thread():
    """Keeps the traceback of TensorBoard's own thread off the screen: `report` says what failed."""
    before = threading.excepthook

    def hook(arguments):
        if "tensorboard" not in type(arguments.thread).__module__:
            before(arguments)

    threading.excepthook = hook


def _advice(error):
    """Why TensorBoard cannot be used, in a sentence, and what to do."""
    if isinstance(error, ModuleNotFoundError) and error.name == "tensorboard":
        return (
            "TensorBoard is not installed here; the course does without it, or install it: "
            "pip install tensorboard"
        )
    words = shorten(f"{type(error).__name__}: {error}", 200)
    return (
        f"TensorBoard is installed but does not work here ({words}); the course does without "
        "it, or repair it: pip install tensorboard --upgrade --force-reinstall"
    )
