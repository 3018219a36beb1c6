"""The exercises of notebook 07."""

import math

import torch

from alexnet_lib.course.exercises.checkers import demands, function, number


def _score(logits, labels, k=5, largest=True):
    """Whether the label of each image is among its k largest logits: bool N×k."""
    return logits.topk(k, largest=largest).indices == labels[:, None]


def _logits(images, classes, seed):
    random = torch.Generator().manual_seed(seed)
    return [
        torch.randn(images, classes, generator=random),
        torch.randint(0, classes, (images,), generator=random),
    ]


def _loss_after(schedule, steps, noise=1.0):
    """The loss of 07.6 after `steps` steps from 10, on average over 20 repetitions; 275 at first.

    The loss is the sum of h·w²/2 over ten weights; each step sees its gradient plus noise.
    """
    random = torch.Generator().manual_seed(0)
    curvature = torch.linspace(0.1, 1, 10, dtype=torch.float64)
    weights = torch.full((20, 10), 10.0, dtype=torch.float64)
    for step in range(steps):
        noises = torch.randn(20, 10, generator=random, dtype=torch.float64)
        weights -= float(schedule(step, steps)) * (curvature * weights + noise * noises)
    return (curvature * weights**2 / 2).sum(1).mean()


def _returns_numbers(schedule):
    rates = [schedule(step, 100) for step in range(100)]
    return None not in rates and all(0 <= float(one) < math.inf for one in rates)


EXERCISES = {
    "07.1": number(
        math.log(100),
        "each class gets the probability 1/100, and -ln(1/100) = ln 100.",
        [
            (math.log(10), "that is the loss with 10 classes; here there are 100."),
            (-math.log(100), "look at the sign: the loss is minus the logarithm, never below 0."),
            (2, "the logarithm to base 10? Cross-entropy takes the natural one, math.log."),
            (math.log2(100), "that is in bits. F.cross_entropy takes the natural logarithm."),
            (0.01, "that is the probability of the right class; the loss is made from it."),
            (0.99, "that is how often such a net is wrong: its error, not its loss."),
        ],
        "which probability does the right class get, if all 100 get the same? And its -ln?",
    ),
    "07.2": number(
        (128 * 1.0 + 128 * 1.2 + 44 * 2.0) / 300,
        "each of the 300 images counts once, wherever the batches were cut.",
        [
            ((1.0 + 1.2 + 2.0) / 3, "the mean of the means: the 44 last images count too much."),
            (1.0 + 1.2 + 2.0, "that is the sum of the three means."),
            (128 * 1.0 + 128 * 1.2 + 44 * 2.0, "the sum over all images: now divide. By what?"),
            (
                (128 * 1.0 + 128 * 1.2 + 44 * 2.0) / 384,
                "you divide by 3 · 128; how many images are there really?",
            ),
            ((128 * 1.0 + 128 * 1.2 + 44 * 2.0) / 3, "divide by the images, not by the batches."),
        ],
        "add up the loss of every single image, then divide by the number of images.",
    ),
    "07.3": number(
        6,
        "from there on the validation loss only rises, while the training loss keeps falling.",
        [
            (5, "nearly: Python counts from 0, epochs here count from 1."),
            (10, "there the training loss is lowest. Which of the two lists tells of new images?"),
            (9, "that is the last epoch counted from 0, where the training loss is lowest."),
            (7, "that is the first epoch that is worse than the one before. Which one to keep?"),
            (1.1, "that is the loss itself; the question is in which epoch it is reached."),
        ],
        "keep the net that does best on images it was not trained on.",
    ),
    "07.4": number(
        0.1,
        "1 + 0.9 + 0.81 + … = 1 / (1 - 0.9) = 10: momentum makes the step ten times longer.",
        [
            (0.01, "that is the first step. Each later one adds 0.9 of the step before."),
            (0.019, "that is the second step; go on until it no longer changes."),
            (0.009, "that is what is left of a step one step later, without the new gradient."),
            (0.0, "momentum keeps 0.9 of the speed, but each step adds a new gradient of 1."),
            (10, "that is how much longer the step gets; how long is it then?"),
            (1.0, "that is the gradient. What do learning rate and momentum make of it?"),
            (-0.1, "the size is right; give it without the sign."),
        ],
        "write v = 0.9 · v + 0.01 in a loop and look where v goes.",
    ),
    "07.5": function(
        lambda logits, labels: _score(logits, labels).any(1).float().mean(),
        [_logits(8, 10, 1), _logits(40, 10, 2), _logits(5, 7, 3), _logits(30, 100, 4)],
        "your function agrees with the course's on four sets of logits.",
        [
            (
                lambda logits, labels: _score(logits, labels, 1).any(1).float().mean(),
                "that is the top-1 accuracy: look at the five largest logits, not at the largest.",
            ),
            (
                lambda logits, labels: _score(logits, labels, 5, False).any(1).float().mean(),
                "these are the five smallest logits of each image.",
            ),
            (
                lambda logits, labels: _score(logits, labels).float().mean(),
                "a fifth of it: you average over 5 guesses per image; any(1) makes them one.",
            ),
            (
                lambda logits, labels: _score(logits, labels).sum(),
                "that is how many images are right; a fraction of the images is asked for.",
            ),
            (
                lambda logits, labels: 100 * _score(logits, labels).any(1).float().mean(),
                "in percent it is right; give a fraction from 0 to 1.",
            ),
            (
                lambda logits, labels: 1 - _score(logits, labels).any(1).float().mean(),
                "that is the top-5 error: the fraction that is wrong.",
            ),
        ],
        "logits.topk(5).indices are each image's five best classes. Is its label among them?",
    ),
    "07.6": demands(
        [
            (_returns_numbers, "for each step it should return one number, and none below 0."),
            (
                lambda schedule: _loss_after(schedule, 100, noise=0) < 275,
                "the loss grows, even without noise: its first steps are too large.",
            ),
            (
                lambda schedule: _loss_after(schedule, 100, noise=0) < 0.5,
                "even without noise the loss stays high: too small, or small too early.",
            ),
            (
                lambda schedule: _loss_after(schedule, 100) < 0.5,
                "the noise keeps the loss high: divide by more at the end, or earlier.",
            ),
            (
                lambda schedule: _loss_after(schedule, 1_000) < 0.2,
                "100 steps end low enough, but 1,000 leave more time for small steps: use `steps`.",
            ),
        ],
        "large steps come close to the minimum, small ones at the end average out the noise.",
    ),
}
