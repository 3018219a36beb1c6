"""What commands share that several processes can run together: `torchrun -m alexnet_lib`."""

from alexnet_lib.base.text import plain_text


def load_splits(source, *splits, before=None):
    """These splits of the images that a run was started with; `source` are arguments of `load`.

    before   what `training_files` said of them when training began; None is as they are now

    Raises ValueError where files came or went since, or while they are read: images would be in
    two splits, or have the labels of other classes.
    """
    from alexnet_lib.base.process_group import first_on_each_machine
    from alexnet_lib.data.load import load, training_files

    images = source.get("source", "cifar10")
    with first_on_each_machine():
        try:
            before = before or training_files(images)
        except FileNotFoundError as error:
            raise FileNotFoundError(
                f"{error}\nthe run was started on the images that were there: put them back, or "
                f"say where they are now: resume --data"
            ) from error
        found = [load(split=split, **source) for split in splits]
        if training_files(images) != before:
            raise ValueError(
                f"files in {plain_text(images, None)} came, went or were renamed since they were "
                f"first read, so that images for training could be among those for the test"
            )
        return found


def how_to_resume(out):
    """What to tell a user whose processes end before the run does."""
    place = plain_text(out, None)
    return f"all complete epochs are in {place}; continue with the same torchrun: resume {place}"
