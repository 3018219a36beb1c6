"""What a net does on a set of images: `evaluate`, `probabilities`, `mistakes`."""

import time
from dataclasses import dataclass
from operator import length_hint

import torch
import torch.nn.functional as F
from tqdm.auto import tqdm

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
            check_labels(labels, classes)
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


def probabilities(model, batches):
    """The probability of each class for each image of (images, labels), float N×C on the CPU.

    Images N×10×3×S×S are ten views each. The net is in evaluation mode meanwhile.
    """
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    with torch.inference_mode():
        found = [
            _log_probabilities(model, images.to(device)).exp().cpu()
            for images, _ in _bar_after_two_seconds(batches)
        ]
    model.train(was_training)
    return torch.cat(found)


def mistakes(probabilities, labels, count=12):
    """Where the likeliest class is not the true one: int64 indices, the surest `count` first.

    probabilities float N×C, labels int64 N.
    """
    sure, guess = probabilities.max(1)
    wrong = (guess != labels).nonzero().flatten()
    return wrong[sure[wrong].argsort(descending=True, stable=True)[:count]]


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


def check_labels(labels, outputs):
    """Raises ValueError where a label has no output."""
    if int(labels.max()) >= outputs or int(labels.min()) < 0:
        raise ValueError(
            f"the net has {outputs} outputs, the labels run from {int(labels.min())} to "
            f"{int(labels.max())}: build it with num_classes={int(labels.max()) + 1} or more"
        )
