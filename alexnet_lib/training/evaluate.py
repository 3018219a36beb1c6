"""What a net predicts for images, and how often it is right."""

from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from alexnet_lib.base.process_group import Share, largest, total
from alexnet_lib.training.inputs import (
    InputForm,
    as_pair,
    check_batches,
    check_labels,
    check_outputs,
)
from alexnet_lib.training.progress import with_bar_if_slow

ALL = Share(0, 1)  # of batches of which each process sees all


@dataclass(frozen=True)
class Evaluation:
    """How well a net does on a set of images: means over images, each counted once.

    loss         the mean cross-entropy in nats
    top1, top5   the fraction of images whose class is the most probable one, is among the five
    confusion    int64 (C, C): images by true class (row) and predicted class (column)
    """

    loss: float
    top1: float
    top5: float
    confusion: torch.Tensor

    @property
    def per_class(self):
        """The fraction of the images of each class that were predicted right (recall)."""
        right = self.confusion.diagonal().double() / self.confusion.sum(1).clamp(min=1)
        return right.tolist()


@contextmanager
def evaluation_mode(model):
    """Within this context the model is in evaluation mode; afterwards its parts are as before.

    Each part has a mode of its own: frozen batch normalization stays in evaluation mode.
    """
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, was_training in modes:
            part.training = was_training


def evaluate(model, batches):
    """The `Evaluation` of `model` on an iterable of (images, labels).

    Images are float (N, 3, S, S), labels integers (N,), or in another form that `as_pair` reads.
    For images (N, 10, 3, S, S), ten views each, the softmax outputs are averaged (section 4.1).
    The mode of `model` is left as it was. Of `Batches` made within `process_group` each process
    sees its share, and the `Evaluation` is that of all images, each counted once.
    Raises ValueError where there is nothing to evaluate or a label has no output, TypeError for an
    `ImageSet` or `ImageFiles`, of which `Recipe.batches` makes batches, and FloatingPointError
    where outputs are not numbers (NaN): these are neither right nor wrong.
    """
    check_batches(batches)
    device, form = next(model.parameters()).device, InputForm.of(model)
    losses, hits5, confusion, count, undefined, classes = [], 0, None, 0, 0, 0
    with evaluation_mode(model), torch.inference_mode():
        for batch in with_bar_if_slow(batches):
            images, labels = (part.to(device) for part in as_pair(batch, form))
            if not len(labels):
                continue
            log_probabilities = _log_probabilities(model, images)
            classes = log_probabilities.shape[1]
            check_labels(labels, classes)
            if confusion is None:
                confusion = torch.zeros(classes * classes, dtype=torch.int64, device=device)
            undefined = undefined + log_probabilities.isnan().any(1).sum()
            top = log_probabilities.topk(min(5, classes)).indices
            losses.append(F.nll_loss(log_probabilities, labels, reduction="sum"))
            hits5 = hits5 + (top == labels[:, None]).sum()
            confusion += torch.bincount(labels * classes + top[:, 0], minlength=classes**2)
            count += len(labels)
    loss = torch.stack(losses).cpu().double().sum().item() if losses else 0.0
    sums = [loss, int(hits5), count, int(undefined)]
    if getattr(batches, "share", ALL).world_size > 1:
        sums = total(torch.tensor(sums, dtype=torch.float64)).tolist()
        classes = largest(classes)
        empty = torch.zeros(classes * classes, dtype=torch.int64, device=device)
        confusion = total(empty if confusion is None else confusion)
    loss, hits5, count, undefined = sums[0], *map(int, sums[1:])
    if not count:
        raise ValueError("there is nothing to evaluate: the batches are empty")
    _check_defined(undefined, count)
    confusion = confusion.view(classes, classes).cpu()
    top1 = confusion.diagonal().sum().item() / count
    return Evaluation(loss / count, top1, hits5 / count, confusion)


def probabilities(model, batches):
    """The probability of each class for each image, float (N, C) on the CPU.

    `batches` is an iterable of (images, labels), as for `evaluate`. Raises TypeError for images
    that are no batches, FloatingPointError where outputs are not numbers (NaN).
    """
    check_batches(batches)
    device, form = next(model.parameters()).device, InputForm.of(model)
    with evaluation_mode(model), torch.inference_mode():
        found = [
            _log_probabilities(model, as_pair(batch, form)[0].to(device)).exp().cpu()
            for batch in with_bar_if_slow(batches)
        ]
    found = torch.cat(found)
    _check_defined(int(found.isnan().any(1).sum()), len(found))
    return found


def surest_mistakes(probabilities, labels, count=12):
    """Where the most probable class is wrong: int64 indices, the `count` most probable first.

    probabilities float (N, C), labels int64 (N,)
    """
    sure, guess = probabilities.max(1)
    wrong = (guess != labels).nonzero().flatten()
    return wrong[sure[wrong].argsort(descending=True, stable=True)[:count]]


def _log_probabilities(model, images):
    views = images.shape[1] if images.dim() == 5 else None
    logits = check_outputs(model(images.flatten(0, 1) if views else images))
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))  # 16 bits would be coarse
    if not views:
        return F.log_softmax(logits, dim=1)
    mean = F.softmax(logits, dim=1).unflatten(0, (-1, views)).mean(1)
    return mean.clamp(min=torch.finfo(mean.dtype).tiny).log()  # GPUs take less than that for 0


def _check_defined(undefined, count):
    """Raises FloatingPointError where the outputs for so many of the images are NaN."""
    if undefined:
        raise FloatingPointError(
            f"the net's outputs for {undefined:,} of {count:,} images are not numbers (NaN): its "
            f"weights or the images are not finite, or too large. If it was trained, train again "
            f"with a smaller learning rate."
        )
