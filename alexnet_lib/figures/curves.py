"""Curves of loss and accuracy, of one run or of several."""

import matplotlib.pyplot as plt
import numpy as np

from alexnet_lib.base.text import figure_text
from alexnet_lib.figures.style import spoken


def live_curves():
    """A `report` for `fit`: `plot_curves`, drawn again in the same place after each epoch.

    The last figure stays, with `curves_alt_text(run)` as its alt text.
    """
    from IPython.display import DisplayHandle

    handles, is_shown = (DisplayHandle(), DisplayHandle()), False

    def report(run):
        nonlocal is_shown
        fig = plot_curves(run)
        for ax in fig.axes:  # room for the epochs to come
            ax.set_xlim(0.7, max(run.recipe["epochs"], len(run.epochs)) + 0.3)
        draw, tell = (one.update if is_shown else one.display for one in handles)
        alt = curves_alt_text(run)
        draw(fig, metadata={"image/png": {"alt": alt}})
        tell(spoken(alt), raw=True)
        is_shown = True
        plt.close(fig)

    return report


def plot_curves(runs, title=None, height=4.6):
    """Loss and accuracy by epoch, in two panels.

    runs    a `Run`, or {name: Run}, or {name: [Run, …]}: runs of one name, such as other
            seeds, look alike. Lines of the validation images are solid; those of the training
            images are dashed, and left out where there are more than two names.
    height  of the figure, in inches: a lower one is seen together with the code above it
    """
    named = {figure_text(name): group for name, group in _named(runs).items()}
    fig, axes = plt.subplots(1, 2, figsize=(12, height), layout="constrained")
    for number, (name, group) in enumerate(named.items()):
        prefix = f"{name}, " if name else ""
        for seed, run in enumerate(group):
            look = dict(color=f"C{number}", marker="os^Dv*"[number % 6])
            look["markevery"] = max(1, len(run.epochs) // 10)
            label = f"{prefix}validation" if len(named) < 3 else name
            _lines(axes, run, "validation", label if not seed else None, **look)
            if len(named) < 3:
                look |= dict(linestyle="--", markerfacecolor="white")
                look["color"] = look["color"] if name else "C1"
                _lines(axes, run, "training", f"{prefix}training" if not seed else None, **look)
    for ax, what, unit in zip(axes, ("Loss", "Accuracy"), ("nats per image", "%"), strict=True):
        ax.set(xlabel="epoch", ylabel=f"{what.lower()} ({unit})", title=what)
        ax.xaxis.get_major_locator().set_params(integer=True)
    handles, labels = axes[0].get_legend_handles_labels()
    rows = -(-len(labels) // max(1, 120 // (max(map(len, labels)) + 8)))
    columns = -(-len(labels) // rows)  # as many in each row: two names get a column each
    fig.legend(handles, labels, loc="outside lower center", ncols=columns)
    if title:
        fig.suptitle(figure_text(title), fontsize=14)
    return fig


def _named(runs):
    """A run, or {name: a run or several}, as {name: list of runs}."""
    runs = runs if isinstance(runs, dict) else {"": runs}
    return {name: run if isinstance(run, list) else [run] for name, run in runs.items()}


def _numbers(run, part):
    """Epochs, losses and accuracies in percent of a run's "training" or "validation"."""
    epochs = [row.epoch for row in run.epochs]
    if part == "validation":
        pairs = [(row.validation_loss, row.validation_top1) for row in run.epochs]
    else:
        pairs = [(row.train_loss, 1 - row.train_error) for row in run.epochs]
    return epochs, [loss for loss, _ in pairs], [100 * accuracy for _, accuracy in pairs]


def _lines(axes, run, part, label, **look):
    epochs, *lines = _numbers(run, part)
    for ax, line in zip(axes, lines, strict=True):
        ax.plot(epochs, line, label=label, **look)


def curves_alt_text(runs):
    """What `plot_curves` shows of these runs, in words: the alt text."""
    words, named = [], _named(runs)
    for name, group in named.items():
        for run in group:
            label = (name or "The run") + (f", seed {run.seed}" if len(group) > 1 else "")
            if not run.epochs:
                words.append(f"{label}, no epoch")
                continue
            _, losses, accuracies = _numbers(run, "validation")
            _, fitted, _ = _numbers(run, "training")
            best, part = run.best_epoch, ""
            if len(named) < 3:
                part = f"training loss from {fitted[0]:.2f} to {fitted[-1]:.2f}, "
            words.append(
                f"{label}, {len(losses)} epochs: {part}"
                f"validation loss from {losses[0]:.2f} to {losses[-1]:.2f} "
                f"(lowest {best.validation_loss:.2f} in epoch {best.epoch}), "
                f"validation accuracy from {accuracies[0]:.0f} % to {accuracies[-1]:.0f} %"
            )
    return "Loss and accuracy by epoch. " + ". ".join(words) + "."


def plot_loss_by_step(losses, chance, window=20):
    """The loss of each batch, its mean over `window` batches, and `chance`, that of guessing.

    Losses are in nats per image. Returns the figure and its alt text.
    """
    fig, ax = plt.subplots(figsize=(9, 4))
    numbers = np.arange(1, len(losses) + 1)
    ax.plot(numbers, losses, color="C0", alpha=0.4, linewidth=1.2, label="each batch")
    window = min(window, len(losses))
    means = np.convolve(losses, np.ones(window) / window, mode="valid")
    ax.plot(numbers[window - 1 :], means, color="C0", label=f"mean of {window} batches")
    ax.axhline(chance, color="C1", linestyle="--", label="guessing")
    ax.set(xlabel="step", ylabel="loss (nats per image)", title="Loss while training")
    ax.legend()
    fig.tight_layout()
    return fig, (
        f"The loss of {len(losses)} batches goes from {losses[0]:.2f} to about {means[-1]:.2f}, "
        f"noisily; guessing has {chance:.2f}."
    )
