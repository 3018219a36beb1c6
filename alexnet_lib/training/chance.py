"""Whether a net is still at chance after its first epoch, and what to say then."""

import math

import torch

FEWEST_IMAGES = 100  # for validation; of fewer nobody can tell
FEWEST_STEPS = 20
ONE_ANSWER = 0.95  # the share of images that get the same one from a net that is stuck


def words_at_chance(seen, losses, recipe):
    """Two lines for the user of a net that is no better than guessing; None for one that learns.

    seen     the `Evaluation` on the validation images, after the first epoch
    losses   the training losses of the epoch's steps, float (steps,)
    recipe   the `Recipe`, whose learning rate and initialization the lines name

    Nothing is said where there are too few images or steps to tell.
    """
    images = int(seen.confusion.sum())
    if images < FEWEST_IMAGES or len(losses) < FEWEST_STEPS:
        return None
    if sees_images(seen) or is_falling(losses) or answers_vary(seen):
        return None
    classes, guess = int((_shares(seen) > 0).sum()), guessing_loss(seen)
    how = f"guessing one of C = {classes} classes: ln C = {math.log(classes):.3f}"
    if math.log(classes) - guess >= 0.01:
        how = f"guessing by how frequent the C = {classes} classes are: {guess:.3f}; "
        how += f"ln C = {math.log(classes):.3f}"
    other = "Xavier's" if recipe.init == "he" else "He's"
    return (
        f"still at chance after epoch 1: the validation loss is {seen.loss:.3f} ({how}).\n"
        f"If it stays there, try a smaller learning rate than {recipe.learning_rate:g}, "
        f"or another initialization, such as {other}."
    )


def guessing_loss(seen):
    """The loss of the best answer that is the same for all images, in nats: how frequent each class
    is among them. ln C where C classes are equally frequent."""
    return torch.special.entr(_shares(seen)).sum().item()


def sees_images(seen):
    """Whether answers depend on what the images show: by their loss, or by how many are right.

    No answer that is the same for all N images has a loss below `guessing_loss`. Answers that
    differ at random have, by chance, one that is lower by z²/2N at most, where z is as large as a
    standard normal number. What is right by chance depends on how often each class is answered.
    """
    images = seen.confusion.sum().item()
    if seen.loss < guessing_loss(seen) - 1 / images:
        return True
    right = (_shares(seen) @ (seen.confusion.sum(0).double() / images)).item()
    return seen.top1 - right > 2 * math.sqrt(right * (1 - right) / images)


def answers_vary(seen):
    """Whether the images get several answers: of a net that is stuck nearly all get the same one.

    A net that has only begun to learn may be worse than guessing, but its answers vary.
    """
    answers = seen.confusion.sum(0)
    return bool(answers.max() < ONE_ANSWER * answers.sum())


def is_falling(losses):
    """Whether the losses of the last quarter of the steps are lower than those of the one before.

    Lower by two standard errors. The first half does not count: there a net that dies falls to the
    loss of guessing, too, from what its initial weights gave.
    """
    before, last = torch.as_tensor(losses).double().tensor_split(4)[2:]
    error = (before.var() / len(before) + last.var() / len(last)).sqrt()
    return bool(before.mean() - last.mean() > 2 * error)


def _shares(seen):
    """The share of each class among the images, float (C,)."""
    return seen.confusion.sum(1).double() / seen.confusion.sum()
