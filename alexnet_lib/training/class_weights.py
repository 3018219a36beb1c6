"""How much an image of each class counts in the loss."""

import torch

from alexnet_lib.training.inputs import as_labels
from alexnet_lib.training.recording import data_of


def class_weights(recipe, batches):
    """The weights that a recipe's `class_weights` mean, float (C,); None where all count the same.

    "balanced" counts the labels of the batches' data: images / (classes · images of the class), so
    that each class counts the same in all and an image counts 1 on average.
    Raises ValueError where the data do not tell their labels.
    """
    weights = recipe.class_weights
    if weights != "balanced":
        return None if weights is None else torch.tensor(weights)
    data = data_of(batches)
    labels = getattr(data, "labels", getattr(data, "targets", None))
    if labels is None and hasattr(data, "tensors"):
        labels = data.tensors[-1]
    if labels is None:
        raise ValueError(
            f'class_weights "balanced" needs the labels of all images, which a '
            f"{type(data).__name__} does not tell: give an ImageSet, or a number for each class"
        )
    classes, labels = len(getattr(data, "classes", ())), torch.as_tensor(labels)
    if labels.dim() == 2:
        classes = max(classes, labels.shape[1])  # one-hot
    counts = torch.bincount(as_labels(labels), minlength=classes)
    return len(labels) / (len(counts) * counts.clamp(min=1).float())
