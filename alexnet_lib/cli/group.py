"""What commands share that several processes can run together: `torchrun -m alexnet_lib`."""

from alexnet_lib.base.text import plain_text


def load_splits(source, *splits):
    """These splits of the images that a run was started with; `source` are arguments of `load`."""
    from alexnet_lib.base.process_group import first_on_each_machine
    from alexnet_lib.data.load import load

    with first_on_each_machine():
        return [load(split=split, **source) for split in splits]


def how_to_resume(out):
    """What to tell a user whose processes end before the run does."""
    place = plain_text(out, None)
    return f"all complete epochs are in {place}; continue with the same torchrun: resume {place}"
