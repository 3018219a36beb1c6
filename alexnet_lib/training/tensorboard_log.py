"""The numbers of each epoch for TensorBoard."""

from textwrap import shorten


def tensorboard_report(folder):
    """A `report` for `fit` that writes each epoch's numbers into `folder` for TensorBoard.

    Scalars, with the epoch as their step: loss and accuracy (a fraction), each /training and
    /validation, and learning_rate. Raises ImportError where TensorBoard is not installed or
    cannot be used.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except Exception as error:  # a package that does not fit the others raises anything
        raise ImportError(_advice(error)) from error
    try:
        writer = SummaryWriter(str(folder))
    except OSError:  # the folder cannot be written
        raise
    except Exception as error:
        raise ImportError(_advice(error)) from error

    def report(run):
        row = run.epochs[-1]
        scalars = {
            "loss/training": row.train_loss,
            "loss/validation": row.validation_loss,
            "accuracy/training": 1 - row.train_error,
            "accuracy/validation": row.validation_top1,
            "learning_rate": row.learning_rate,
        }
        for tag, value in scalars.items():
            writer.add_scalar(tag, value, row.epoch)
        writer.flush()

    return report


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
