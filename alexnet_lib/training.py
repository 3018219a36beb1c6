"""The training loop: `fit` and `evaluate`."""

import time
import warnings
from dataclasses import asdict, dataclass
from operator import length_hint
from pathlib import Path

import torch
import torch.nn.functional as F
from tqdm.auto import tqdm

from alexnet_lib import checkpoints
from alexnet_lib.datasets import ImageFiles, ImageSet
from alexnet_lib.devices import device as pick_device
from alexnet_lib.recipes import INITS, learning_rate
from alexnet_lib.runs import Run, commit, describe_device, versions

CHECK_EVERY = 20  # steps between looks at the losses: on a GPU each look waits for it
# Once a second: in a notebook each redrawing is several messages, and too many get lost.
BAR = dict(unit="batch", mininterval=1)


@dataclass(frozen=True)
class Evaluation:
    """What a net does on a set of images: means over images, each counted once.

    loss is the mean cross-entropy in nats, top1 and top5 are fractions from 0 to 1,
    confusion is int64 C×C with the true class in the row and the predicted in the column.
    """

    loss: float
    top1: float
    top5: float
    confusion: torch.Tensor

    @property
    def per_class(self):
        """The fraction of each true class that was predicted right."""
        right = self.confusion.diagonal().double() / self.confusion.sum(1).clamp(min=1)
        return right.tolist()


def evaluate(model, batches):
    """The `Evaluation` of `model` on an iterable of (images, labels).

    Images N×10×3×S×S are ten views each, whose softmax outputs are averaged (section 4.1).
    Raises ValueError where there is nothing to evaluate or a label has no output.
    """
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    losses, hits5, confusion, count = [], 0, None, 0
    with torch.inference_mode():
        for images, labels in _bar_after_two_seconds(batches):
            images, labels = images.to(device), labels.to(device)
            log_probabilities = _log_probabilities(model, images)
            classes = log_probabilities.shape[1]
            _check_labels(labels, classes)
            if confusion is None:
                confusion = torch.zeros(classes * classes, dtype=torch.int64, device=device)
            top = log_probabilities.topk(min(5, classes)).indices
            losses.append(F.nll_loss(log_probabilities, labels, reduction="sum"))
            hits5 = hits5 + (top == labels[:, None]).sum()
            confusion += torch.bincount(labels * classes + top[:, 0], minlength=classes**2)
            count += len(labels)
    model.train(was_training)
    if not count:
        raise ValueError("there is nothing to evaluate: the batches are empty")
    confusion = confusion.view(classes, classes).cpu()
    top1 = confusion.diagonal().sum().item() / count
    loss = torch.stack(losses).cpu().double().sum().item() / count
    return Evaluation(loss, top1, int(hits5) / count, confusion)


def _bar_after_two_seconds(batches):
    """The same batches; only where they take long a bar is made, which is costly in a notebook."""
    began, bar = time.perf_counter(), None
    for done, batch in enumerate(batches):
        if bar is None and time.perf_counter() - began > 2:
            total = length_hint(batches) or None
            bar = tqdm(total=total, initial=done, desc="evaluating", leave=False, **BAR)
        yield batch
        if bar is not None:
            bar.update()
    if bar is not None:
        bar.close()


def _log_probabilities(model, images):
    if images.dim() != 5:
        return F.log_softmax(model(images), dim=1)
    views = images.shape[1]
    probabilities = F.softmax(model(images.flatten(0, 1)), dim=1)
    return probabilities.unflatten(0, (-1, views)).mean(1).clamp(min=1e-38).log()


def _check_labels(labels, outputs):
    if int(labels.max()) >= outputs or int(labels.min()) < 0:
        raise ValueError(
            f"the net has {outputs} outputs, the labels run from {int(labels.min())} to "
            f"{int(labels.max())}: build it with num_classes={int(labels.max()) + 1} or more"
        )


def fit(
    model, train, validation, recipe, out=None, net=None, source=None, report=None,
    device=None, checkpoint=None,
):  # fmt: skip
    """Trains `model` in place and returns the `Run`.

    train, validation   each an `ImageSet` or `ImageFiles`, or an iterable of (images,
                        labels) with a length: `Batches`, a `DataLoader`
    out                 a folder: after each epoch run.json and checkpoint.pt are written there
    net, source         kept in the checkpoint: the arguments of `models.build` that made
                        the net, and those of `datasets.load`
    report              called with the run after each epoch (a live figure, a log)
    checkpoint          the content of `checkpoints.read`, to go on where it stopped

    Each epoch draws from a seed of its own, so that equal seeds give equal weights on a
    CPU, resumed or not. Ctrl-C ends the training with a warning and returns what was
    done. Raises ValueError for data that does not suit the net, FloatingPointError where
    the loss is no longer finite.
    """
    if out and net is None:
        raise ValueError("to write checkpoints say how the net is built: net={'name': …}")
    device = pick_device(device)
    train, validation = _as_batches(train, validation, recipe, device, checkpoint)
    if checkpoint:
        checkpoints.fill(model, checkpoint)
        run = Run(**checkpoint["run"])
    else:
        if recipe.init:
            torch.manual_seed(recipe.seed)
            INITS[recipe.init](model)
        run = _new_run(model, train, validation, recipe, net, device)
    model.to(device, memory_format=torch.channels_last)
    optimizer = _optimizer(model, recipe)
    if checkpoint:
        optimizer.load_state_dict(checkpoint["optimizer"])
    done = len(run.epochs)
    try:
        total, past = recipe.epochs * len(train), done * len(train)
        with (
            tqdm(total=total, initial=past, desc="run", **BAR) as run_bar,
            tqdm(total=len(train), desc="epoch", **BAR) as epoch_bar,
        ):
            bars = (run_bar, epoch_bar)
            for _ in range(done, recipe.epochs):
                row = _epoch(model, train, validation, recipe, run, optimizer, bars)
                run.epochs.append(row)
                if out:
                    _save(out, model, optimizer, train, run, net, source)
                if report:
                    report(run)
                run_bar.set_postfix(validation=f"{row['validation_top1']:.1%}", refresh=False)
    except KeyboardInterrupt:
        warnings.warn(f"stopped by hand after {len(run.epochs)} whole epochs", stacklevel=2)
    return run


def _epoch(model, train, validation, recipe, run, optimizer, bars):
    """One pass over the training images and one over the validation images: a row of the run."""
    number, began = len(run.epochs), time.perf_counter()
    torch.manual_seed((recipe.seed + 1) * 1_000_003 + number)  # order, crops, dropout
    loss, error = _train(model, train, recipe, run.epochs, optimizer, bars)
    seconds = time.perf_counter() - began
    seen = evaluate(model, validation)
    return {
        "epoch": number + 1,
        "learning_rate": optimizer.param_groups[0]["lr"],
        "train_loss": loss,
        "train_error": error,
        "validation_loss": seen.loss,
        "validation_top1": seen.top1,
        "validation_top5": seen.top5,
        "seconds": round(seconds, 3),
    }


def _train(model, batches, recipe, epochs, optimizer, bars):
    """Mean loss and error over one pass in which each batch moves the weights once."""
    device = next(model.parameters()).device
    model.train()
    losses, sizes, wrong, steps = [], [], 0, len(batches)
    bars[1].set_description(f"epoch {len(epochs) + 1} of {recipe.epochs}", refresh=False)
    bars[1].reset()
    for step, (images, labels) in enumerate(batches):
        rate = learning_rate(recipe, epochs, (len(epochs) + step / steps) / recipe.epochs)
        for group in optimizer.param_groups:
            group["lr"] = rate
        images = images.to(device, memory_format=torch.channels_last, non_blocking=True)
        labels = labels.to(device, non_blocking=True)
        logits = model(images)
        if step == 0:
            _check_labels(labels, logits.shape[1])
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        sizes.append(len(labels))
        wrong = wrong + (logits.detach().argmax(1) != labels).sum()
        for bar in bars:
            bar.update()
        if (step + 1) % CHECK_EVERY == 0 or step + 1 == steps:
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


def _optimizer(model, recipe):
    """SGD with momentum; weight decay on weights and not on biases or BatchNorm, as in 2012."""
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": biases}]
    return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum)


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


def _new_run(model, train, validation, recipe, net, device):
    data = [_data(batches) for batches in (train, validation)]
    return Run(
        model=(net or {}).get("name") or getattr(model, "name", type(model).__name__),
        parameters=sum(p.numel() for p in model.parameters()),
        data=getattr(data[0], "name", "unnamed"),
        images={"train": len(data[0]), "validation": len(data[1])},
        recipe=asdict(recipe),
        device=describe_device(device),
        versions=versions(),
        commit=commit(),
    )


def _data(batches):
    """What the batches are made of: an `ImageSet`, or a `DataLoader`'s own data set."""
    data = getattr(batches, "data", None)
    return getattr(batches, "dataset", batches) if data is None else data


def _save(out, model, optimizer, train, run, net, source):
    out = Path(out)
    checkpoints.save(
        out / "checkpoint.pt",
        net=net,
        source=source,
        classes=list(getattr(_data(train), "classes", ())),
        model=model.state_dict(),
        optimizer=optimizer.state_dict(),
        statistics=tuple(getattr(train, "statistics", None) or ()),
        run=asdict(run),
    )
    run.write(out / "run.json")
