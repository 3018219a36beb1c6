"""The numbers of each epoch for TensorBoard."""


def tensorboard_report(folder):
    """A `report` for `fit` that writes each epoch's numbers into `folder` for TensorBoard.

    Scalars, with the epoch as their step: loss and accuracy (a fraction), each /training and
    /validation, and learning_rate. Raises ImportError where TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ImportError(
            "TensorBoard is not installed here; the course does without it, or install it: "
            "pip install tensorboard"
        ) from error
    writer = SummaryWriter(str(folder))

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
