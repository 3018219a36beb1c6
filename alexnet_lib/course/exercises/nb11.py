"""The exercises of notebook 11."""

import torch

from alexnet_lib.course.exercises.checkers import function, number

RESNET = 2048 * 1000 + 1000  # parameters of the last layer of ResNet-50
MORE = 384 * 13 * 13 * 4 * 128 / 1e6  # megabytes: half of conv3's maps forward, half backward


def _weighted(gradients, counts):
    return (counts[:, None] * gradients).sum(0) / counts.sum()


EXERCISES = {
    "11.1": number(
        0.02,
        "4 · 64 = 256 images, twice as many, so twice the rate.",
        [
            (0.04, "four GPUs, but each has half as many images. How large is the global batch?"),
            (0.005, "that is for 64 images in all. What do four GPUs with 64 each have?"),
            (0.01, "that is the old rate. Is the global batch still 128?"),
            (0.01 * 2**0.5, "that is the rule with a square root; the linear one is asked for."),
            (0.0025, "the other way around: a larger batch takes fewer, longer steps."),
        ],
        "how many images do all four GPUs have together, and how many had the one?",
    ),
    "11.2": number(
        RESNET / 2048,
        "P / I = 2,049,000 / 2,048: about as many images as the layer has outputs.",
        [
            (2048, "that is I. What are the layer's parameters divided by it?"),
            (RESNET, "that is P, the layer's parameters. Divide by what it reads."),
            (4 * RESNET / 2048, "both sides have 4 bytes per number, so the 4 cancels."),
            (2 * RESNET / 2048, "half of the inputs, but forward and backward: 4BI in all."),
            (2048 / RESNET, "the other way around: parameters divided by inputs."),
        ],
        "P is weights and biases, I is what the layer reads per image; B = P / I.",
    ),
    "11.3": function(
        _weighted,
        [
            [torch.tensor([[1.0, 2.0], [5.0, -2.0]]), torch.tensor([24.0, 8.0])],
            [torch.tensor([[1.0], [2.0], [6.0]]), torch.tensor([1.0, 1.0, 2.0])],
        ],
        "each process counts by its images, so that each image counts the same.",
        [
            (
                lambda gradients, counts: gradients.mean(0),
                "that is the plain mean, which DDP takes: an image in a small part counts more.",
            ),
            (
                lambda gradients, counts: gradients.sum(0),
                "that is the sum of the means. How many images does each mean stand for?",
            ),
            (
                lambda gradients, counts: (counts[:, None] * gradients).sum(0),
                "close: that is the sum over all images; the mean is asked for.",
            ),
            (
                lambda gradients, counts: (counts[:, None] * gradients).mean(0),
                "divide by the number of images, not by the number of processes.",
            ),
            (
                lambda gradients, counts: (gradients / counts[:, None]).sum(0),
                "you divide by the counts: the gradients are means already. Multiply.",
            ),
        ],
        "mean times count is a sum over images; add these sums, and divide by all images.",
    ),
    "11.4": number(
        MORE,
        "33.2 MB: more than everything that crosses now.",
        [
            (MORE / 2, "that is the forward pass. What comes back?"),
            (2 * MORE, "you took all 384 maps; one GPU has half of them to send."),
            (MORE / 4, "that is for numbers of one byte, or for half of the way: see 11.2."),
            (MORE / 128, "that is one image; a step has 128."),
            (MORE * 1e6, "those are bytes; divide by a million."),
            (MORE * 1e6 / 2**20, "you divided by 2²⁰; a megabyte is a million bytes here."),
            (MORE + 30.02, "that is all that it would send; how much more than now?"),
        ],
        "half of conv3's 384 maps of 13·13, 4 bytes, 128 images, forward and backward.",
    ),
}
