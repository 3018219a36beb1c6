"""The exercises of notebook 03."""

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from alexnet_lib.course.exercises.checkers import function, number, numbers

DEEP = 8  # layers, one slope each
FLAT = 1e-5  # a smaller slope counts as 0
ASIDE = 1e-6  # from a kink, where autograd's slope is arbitrary


def _convolve(x, weight, bias, groups, order=1):
    """A grouped convolution from single ones; `order` -1 pairs the groups back to front."""
    pieces = zip(x.chunk(groups, 1)[::order], weight.chunk(groups), bias.chunk(groups), strict=True)
    return [F.conv2d(*piece) for piece in pieces]


def _mixed_up(x, weight, bias, groups):
    return F.channel_shuffle(torch.cat(_convolve(x, weight, bias, groups), 1), groups)


def _case(in_channels, out_channels, groups, seed):
    """Small whole numbers, so that sums are exact in any order."""
    random = torch.Generator().manual_seed(seed)
    shapes = (2, in_channels, 6, 5), (out_channels, in_channels // groups, 3, 3), (out_channels,)
    return [*(torch.randint(-4, 5, shape, generator=random).float() for shape in shapes), groups]


def activation(answer):
    """The checker of 03.3: a nonlinearity of the reader's own, through which gradients pass."""
    if not callable(answer):
        return False, "this takes your function itself: its name, with no brackets behind it."
    x = (torch.arange(-80, 81) / 20).requires_grad_()  # from -4 to 4
    y = answer(x.clone())  # it may change its argument
    if y is None:
        return None, "your function returns None: write its body, with a return at its end."
    if not isinstance(y, torch.Tensor) or y.shape != x.shape:
        return False, "your function should return a tensor of the same shape as its input."
    if not torch.allclose(answer(x[:80].clone()), y[:80], atol=1e-5):
        return False, "each output should depend on its own input only, not on the others."
    if not y.requires_grad:
        return False, "no gradient can pass: use torch's operations on the tensor itself."
    x = x.detach()
    x = torch.cat([x, _turns(answer, x)])
    return _judge(x, _slopes_aside(answer, x))


def _slopes(answer, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(answer(x.clone()).sum(), x)[0]


def _slopes_aside(answer, x):
    """The slopes at x, but where autograd's is 0, the smaller one of those on both sides.

    torch.relu(x) - 0.1 * torch.relu(-x) has the slopes 1 and 0.1, and autograd's is 0 between them.
    """
    slopes = _slopes(answer, x)
    sides = torch.stack([_slopes(answer, x + shift) for shift in (-ASIDE, ASIDE)])
    smaller = sides.gather(0, sides.abs().argmin(0, keepdim=True))[0]
    return torch.where(slopes.abs() < FLAT, smaller, slopes)


def _turns(answer, x):
    """The inputs at which the slope changes its sign between two of x: at a kink, or through 0."""
    slopes = _slopes(answer, x)
    turns = slopes[:-1] * slopes[1:] < 0
    low, high, before = x[:-1][turns], x[1:][turns], slopes[:-1][turns]
    for _ in range(20 if turns.any() else 0):
        middle = (low + high) / 2
        passed = before * _slopes(answer, middle) <= 0
        low, high = torch.where(passed, low, middle), torch.where(passed, middle, high)
    return torch.cat([low, high])


def _judge(x, slopes):
    """What the slopes at x say of an activation function: whether it is right, and a sentence."""
    if not slopes.isfinite().all():
        return False, f"its slope is not a finite number at {x[~slopes.isfinite()][0]:.2f}."
    if slopes.max() - slopes.min() < 1e-4:
        return False, "its slope is the same everywhere: it is a straight line."
    if slopes.abs().min() < FLAT:
        return False, f"its slope is 0 at {x[slopes.abs().argmin()]:.2f}: no gradient passes there."
    left = slopes[x >= 0.5].abs() ** DEEP
    inputs = x[x >= 0.5]
    if left.min() < 0.1:
        at = inputs[left.argmin()]
        return False, f"at {at:.2f} only {left.min():.1g} of a gradient is left after 8 layers."
    if left.max() > 10:
        at = inputs[left.argmax()]
        return False, f"at {at:.2f} a gradient grows {left.max():.2g} times in 8 layers."
    low, high = slopes.min(), slopes.max()
    return True, f"its slopes are from {low:.2f} to {high:.2f}, and gradients pass everywhere."


_same_convolution = function(
    lambda *case: torch.cat(_convolve(*case), 1),
    [_case(4, 6, 2, 1), _case(6, 9, 3, 2), _case(4, 8, 4, 3), _case(3, 5, 1, 4)],
    "each group of channels has its own filters, and the results are concatenated.",
    [
        (
            lambda *case: _convolve(*case)[0],
            "that is the first group alone; torch.cat concatenates all of them.",
        ),
        (
            lambda *case: sum(_convolve(*case)),
            "you add the groups up: each has output channels of its own.",
        ),
        (
            lambda x, weight, bias, groups: torch.cat(_convolve(x, weight, 0 * bias, groups), 1),
            "the bias is missing: each group has its part of it.",
        ),
        (
            lambda *case: torch.cat(_convolve(*case), 0),
            "you concatenate the groups as if they were images: the channels are dim=1.",
        ),
        (
            lambda *case: torch.cat(_convolve(*case, order=-1), 1),
            "the first filters get the last channels: keep the order of the groups.",
        ),
        (_mixed_up, "the channels of the groups take turns; they are to stay together."),
        (
            lambda x, weight, bias, groups: torch.cat(
                _convolve(x, weight, bias[: len(bias) // groups].repeat(groups), groups), 1
            ),
            "every group adds the first group's bias: split the bias as well.",
        ),
    ],
    "chunk x along its channels, weight and bias along dimension 0; convolve; cat.",
)


class _Grouping(TorchFunctionMode):
    """Notes whether one of torch's convolutions is called with groups."""

    seen = False

    def __torch_function__(self, function, types, arguments=(), named=None):
        named = named or {}
        if function is F.conv2d:
            groups = arguments[6] if len(arguments) > 6 else named.get("groups", 1)
            self.seen = self.seen or groups != 1
        return function(*arguments, **named)


def grouped_convolution(answer):
    """The checker of 03.5: a grouped convolution made of calls without groups."""
    with _Grouping() as grouping:
        right, said = _same_convolution(answer)
    if right and grouping.seen:
        return False, "the result is right, but torch groups for you: call conv2d without groups."
    return right, said


EXERCISES = {
    "03.1": numbers(
        [256, 11],
        "199 → 48 → 23 in block 1; conv2 keeps 23, its pooling gives 11; conv2 has 256 filters.",
        [
            ([256, 23], "that is after conv2 and its ReLU; block 2 ends with a pooling."),
            ([96, 23], "that is block 1; one more block."),
            ([96, 11], "the side is right. How many filters does conv2 have?"),
            ([128, 11], "that is one tower, on one GPU; our net has both."),
            ([256, 9], "did you leave out conv2's padding? Without it 23 becomes 19."),
            ([256, 12], "a partial window does not count: round down."),
            ([256, 13], "that is for 227 pixels. Begin with the side of this image."),
            ([11, 256], "the other way around: channels first, as torch has them."),
        ],
        "go through conv1, pool1, conv2, pool2 one by one with output_size.",
    ),
    "03.2": number(
        5,
        "0.25 to the power 4 is 0.0039, to the power 5 it is 0.00098: below 0.001.",
        [
            (4, "after that many the product is 0.0039; is that below 0.001?"),
            (6, "there it is below, but it was one layer earlier, too."),
            (
                8,
                "that is how many layers AlexNet has; stop as soon as the product is small enough.",
            ),
            (10, "that is for factors of 0.5. The sigmoid's is 0.25."),
            (250, "do not divide: each layer multiplies by 0.25 once more."),
            (3, "after that many the product is 0.0156. Continue."),
        ],
        "multiply 1 by 0.25 again and again, and count.",
    ),
    "03.3": activation,
    "03.4": number(
        128,
        "conv4 and conv5 read only their own tower, so the change stays in the first one.",
        [
            (256, "that is all of them: true if conv4 or conv5 mixed the towers. Do they?"),
            (192, "that is how many of conv4's change. conv5 has fewer channels."),
            (384, "conv5 has 256 channels in all."),
            (64, "a quarter: but the split into two halves is the same split in each layer."),
            (96, "conv1 comes before conv3 and is not touched."),
            (0, "conv5 reads conv4, which reads conv3: something does arrive."),
        ],
        "follow the first half through conv4, then conv5, in the diagram at the top.",
    ),
    "03.5": grouped_convolution,
}
