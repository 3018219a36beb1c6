"""The training loop: `fit`."""

import time
import warnings
from dataclasses import asdict
from pathlib import Path

import torch
from tqdm.auto import tqdm

from alexnet_lib.base import device as devices
from alexnet_lib.data.load import ImageFiles, ImageSet
from alexnet_lib.training import checkpoint as checkpoints
from alexnet_lib.training.evaluate import BAR, evaluate
from alexnet_lib.training.recipe import INITS, learning_rate
from alexnet_lib.training.recording import data_of, new_run
from alexnet_lib.training.run import Epoch, Run
from alexnet_lib.training.step import Step

CHECK_EVERY = 20  # steps between looks at the losses: on a GPU each look waits for it


def fit(
    model, train, validation, recipe, out=None, net=None, source=None, report=None,
    device=None, checkpoint=None, compile=False, until=None,
):  # fmt: skip
    """Trains `model` in place and returns the `Run`.

    train, validation   each an `ImageSet` or `ImageFiles`, or an iterable of (images,
                        labels) with a length: `Batches`, a `DataLoader`
    out                 a folder: after each epoch run.json and checkpoint.pt are written there
    net, source         kept in the checkpoint: the arguments of `nets.build.build` that made
                        the net, and those of `datasets.load`
    report              called with the run after each epoch (a live figure, a log)
    checkpoint          the content of `checkpoints.read`, to go on where it stopped
    compile             let `torch.compile` fuse the net's operations: it pays where training
                        takes many minutes; a warning, and training without, where it fails

    Each epoch draws from a seed of its own, so that equal seeds give equal weights on a
    CPU, resumed or not. Ctrl-C ends the training with a warning and returns what was
    done. Raises ValueError for data that does not suit the net, MemoryError where a step
    needs more memory than there is, FloatingPointError where the loss is no longer finite.
    """
    if out and net is None:
        raise ValueError("to write checkpoints say how the net is built: net={'name': …}")
    device = devices.device(device)
    train, validation = _as_batches(train, validation, recipe, device, checkpoint)
    if checkpoint:
        checkpoints.fill(model, checkpoint)
        run = Run.from_dict(checkpoint["run"])
    else:
        if recipe.init:
            torch.manual_seed(recipe.seed)
            INITS[recipe.init](model)
        run = new_run(model, train, validation, recipe, net, device)
    devices.keep_memory()
    model.to(device, memory_format=torch.channels_last)
    step = Step(model, recipe, device, compile)
    if checkpoint:
        step.optimizer.load_state_dict(checkpoint["optimizer"])
    done = len(run.epochs)
    try:
        total, past = recipe.epochs * len(train), done * len(train)
        with (
            tqdm(total=total, initial=past, desc="run", **BAR) as run_bar,
            tqdm(total=len(train), desc="epoch", **BAR) as epoch_bar,
        ):
            bars = (run_bar, epoch_bar)
            for _ in range(done, recipe.epochs):
                if until is not None and run.epochs and run.final("train_error") <= until:
                    break
                row = _epoch(model, train, validation, recipe, run, step, bars)
                run.epochs.append(row)
                if out:
                    _save(out, model, step.optimizer, train, run, net, source)
                if report:
                    report(run)
                run_bar.set_postfix(validation=f"{row.validation_top1:.1%}", refresh=False)
    except KeyboardInterrupt:
        warnings.warn(f"stopped by hand after {len(run.epochs)} whole epochs", stacklevel=2)
    return run


def _epoch(model, train, validation, recipe, run, step, bars):
    """One pass over the training images and one over the validation images: an `Epoch`."""
    number, began = len(run.epochs), time.perf_counter()
    torch.manual_seed((recipe.seed + 1) * 1_000_003 + number)  # order, crops, dropout
    loss, error = _train(model, train, recipe, run.epochs, step, bars)
    seconds = time.perf_counter() - began
    seen = evaluate(model, validation)
    return Epoch(
        epoch=number + 1,
        learning_rate=step.optimizer.param_groups[0]["lr"],
        train_loss=loss,
        train_error=error,
        validation_loss=seen.loss,
        validation_top1=seen.top1,
        validation_top5=seen.top5,
        seconds=round(seconds, 3),
    )


def _train(model, batches, recipe, epochs, step, bars):
    """Mean loss and error over one pass in which each batch moves the weights once."""
    model.train()
    losses, sizes, wrong, steps = [], [], 0, len(batches)
    bars[1].set_description(f"epoch {len(epochs) + 1} of {recipe.epochs}", refresh=False)
    bars[1].reset()
    for number, (images, labels) in enumerate(batches):
        rate = learning_rate(recipe, epochs, (len(epochs) + number / steps) / recipe.epochs)
        loss, logits, labels = step(images, labels, rate)
        losses.append(loss)
        sizes.append(len(labels))
        wrong = wrong + (logits.argmax(1) != labels).sum()
        for bar in bars:
            bar.update()
        if (number + 1) % CHECK_EVERY == 0 or number + 1 == steps:
            _check_finite(losses, len(epochs) * steps, rate)
            bars[1].set_postfix(loss=f"{losses[-1].item():.3f}", refresh=False)
    weights = torch.tensor(sizes, dtype=torch.float64)
    loss = (torch.stack(losses).cpu().double() * weights).sum() / weights.sum()
    return loss.item(), int(wrong) / sum(sizes)


def _check_finite(losses, before, rate):
    """Raises FloatingPointError that names the first step whose loss is not finite."""
    recent = torch.stack(losses[-CHECK_EVERY:]).isfinite().tolist()
    if not all(recent):
        step = before + len(losses) - len(recent) + recent.index(False) + 1
        raise FloatingPointError(
            f"the loss is no longer finite at step {step} (learning rate {rate:.4g}).\n"
            f"Try a learning rate ten times smaller, another initialization (he), or "
            f"normalized pixels (scale unit)."
        )


def _as_batches(train, validation, recipe, device, checkpoint):
    statistics = checkpoint["statistics"] if checkpoint else None
    if isinstance(train, ImageSet | ImageFiles):
        train = recipe.batches(train, train=True, statistics=statistics, device=device)
    if isinstance(validation, ImageSet | ImageFiles):
        statistics = getattr(train, "statistics", None)
        validation = recipe.batches(validation, statistics=statistics, device=device)
    for name, batches in (("training", train), ("validation", validation)):
        if not len(batches):
            raise ValueError(f"there are no {name} images")
    return train, validation


def _save(out, model, optimizer, train, run, net, source):
    out = Path(out)
    checkpoints.save(
        out / "checkpoint.pt",
        net=net,
        source=source,
        classes=list(getattr(data_of(train), "classes", ())),
        model=model.state_dict(),
        optimizer=optimizer.state_dict(),
        statistics=tuple(getattr(train, "statistics", None) or ()),
        run=asdict(run),
    )
    run.write(out / "run.json")
