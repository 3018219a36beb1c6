"""Right and typical wrong answers of notebook 03."""

import torch
import torch.nn.functional as F


def parts(x, weight, bias, groups):
    cut = zip(x.chunk(groups, 1), weight.chunk(groups), bias.chunk(groups), strict=True)
    return [F.conv2d(*piece) for piece in cut]


def first_bias(x, weight, bias, groups):
    return torch.cat(parts(x, weight, bias.chunk(groups)[0].repeat(groups), groups), 1)


def back_to_front(x, weight, bias, groups):
    return torch.cat(parts(torch.cat(x.chunk(groups, 1)[::-1], 1), weight, bias, groups), 1)


def taking_turns(*case):
    return torch.stack(parts(*case), 2).flatten(1, 2)


RIGHT = {
    "03.1": [256, 11],
    "03.2": 5,
    "03.3": lambda x: torch.where(x > 0, x, 0.1 * x),
    "03.4": 128,
    "03.5": lambda *case: torch.cat(parts(*case), 1),
}

# (exercise, a typical wrong answer, a word of the hint that is meant for it)
WRONG = [
    ("03.1", [256, 23], "ends with a pooling"),
    ("03.1", [96, 23], "one more block"),
    ("03.1", [96, 11], "How many filters"),
    ("03.1", [128, 11], "one tower"),
    ("03.1", [256, 9], "conv2's padding"),
    ("03.1", [256, 12], "round down"),
    ("03.1", [256, 13], "227 pixels"),
    ("03.1", [11, 256], "channels first"),
    ("03.1", [256, 8], "number 2 from the left is the first to differ: go through"),
    ("03.1", [256], "yours are 1"),
    ("03.1", 11, "2 numbers in brackets"),
    ("03.2", 4, "0.0039"),
    ("03.2", 6, "one layer earlier"),
    ("03.2", 8, "how many layers AlexNet has"),
    ("03.2", 10, "factors of 0.5"),
    ("03.2", 250, "do not divide"),
    ("03.2", 3, "Continue"),
    ("03.2", -1, "and count"),
    ("03.3", 5, "your function itself"),
    ("03.3", lambda x: x.sum(), "same shape"),
    ("03.3", lambda x: x - x.mean(), "on its own input only"),
    ("03.3", lambda x: x.detach().abs(), "no gradient can pass"),
    ("03.3", lambda x: (x - 1).abs().sqrt(), "not a finite number at 1.00"),
    ("03.3", lambda x: 0.9 * x, "a straight line"),
    ("03.3", torch.relu, "its slope is 0 at"),
    ("03.3", F.gelu, "its slope is 0 at -0.75"),
    ("03.3", torch.tanh, "at 4.00 only"),
    ("03.3", F.softplus, "at 0.50 only"),
    ("03.3", lambda x: torch.where(x > 0, 2 * x, x), "a gradient grows 2.6e+02 times"),
    ("03.4", 256, "mixed the towers"),
    ("03.4", 192, "conv5 has fewer"),
    ("03.4", 384, "in all"),
    ("03.4", 64, "same split"),
    ("03.4", 96, "comes before conv3"),
    ("03.4", 0, "something does arrive"),
    ("03.4", 100, "follow the first half"),
    ("03.5", lambda *case: parts(*case)[0], "first group alone"),
    ("03.5", lambda *case: sum(parts(*case)), "add the groups up"),
    ("03.5", lambda x, w, b, g: F.conv2d(x, w, None, groups=g), "bias is missing"),
    ("03.5", lambda *case: torch.cat(parts(*case)), "as if they were images"),
    ("03.5", back_to_front, "order of the groups"),
    ("03.5", taking_turns, "take turns"),
    ("03.5", first_bias, "split the bias"),
    ("03.5", lambda x, w, b, g: F.conv2d(x, w, b, groups=g), "torch groups for you"),
    ("03.5", lambda *case: 2 * torch.cat(parts(*case), 1), "chunk x along"),
    ("03.5", lambda x, w, b, g: F.conv2d(x, w, b), "RuntimeError"),
    ("03.5", lambda x, w, b, g: x[:, :, :4, :3], "returned the shape"),
    ("03.5", lambda *case: "x", "a tensor of numbers"),
]
