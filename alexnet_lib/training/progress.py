"""Progress bars of training and evaluation."""

import time
from operator import length_hint

from tqdm.auto import tqdm

from alexnet_lib.base.process_group import is_first

# Redrawn once per second: in a notebook every redrawing is several messages, and too many get lost.
BAR = dict(unit="batch", mininterval=1)


class TrainingProgress:
    """Two bars, one for all epochs and one for the epoch that is running. A context manager.

    epochs, batches   how many epochs there are in all, and how many batches each has
    done              epochs that are done already, of a run that is resumed
    """

    def __init__(self, epochs, batches, done):
        self.epochs, self.batches, self.done = epochs, batches, done

    def __enter__(self):
        total = self.epochs * self.batches
        self.run = _bar(total=total, initial=self.done * self.batches, desc="run")
        self.epoch = _bar(total=self.batches, desc="epoch")
        return self

    def __exit__(self, *_):
        self.epoch.close()
        self.run.close()

    def begin_epoch(self, number):
        self.epoch.set_description(f"epoch {number} of {self.epochs}", refresh=False)
        self.epoch.reset()

    def end_batch(self):
        self.run.update()
        self.epoch.update()

    def show_loss(self, loss):
        self.epoch.set_postfix(loss=f"{loss:.3f}", refresh=False)

    def show_accuracy(self, top1):
        self.run.set_postfix(validation=f"{top1:.1%}", refresh=False)


def _bar(**options):
    """A progress bar; of several processes only the first one shows it."""
    hidden = {} if is_first() else {"disable": True}
    return tqdm(**options, **BAR, **hidden)


def with_bar_if_slow(batches):
    """The same batches, with a progress bar once they have taken two seconds.

    Making a bar is costly in a notebook, so short evaluations have none.
    """
    began, bar = time.perf_counter(), None
    for done, batch in enumerate(batches):
        if bar is None and time.perf_counter() - began > 2:
            total = length_hint(batches) or None
            bar = _bar(total=total, initial=done, desc="evaluating", leave=False)
        yield batch
        if bar is not None:
            bar.update()
    if bar is not None:
        bar.close()
