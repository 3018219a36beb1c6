"""The exercises of notebook 03."""

import torch
import torch.nn.functional as F

from alexnet_lib.course.exercises.checkers import function, number, numbers


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


EXERCISES = {
    "03.1": numbers(
        [256, 11],
        "199 → 48 → 23 in block 1; conv2 keeps 23, its pooling gives 11; conv2 has 256 filters.",
        [
            ([256, 23], "that is after conv2 and its ReLU; block 2 ends with a pooling."),
            ([96, 23], "that is block 1; one more block."),
            ([96, 11], "the side is right. How many filters does conv2 have?"),
            ([128, 11], "that is one tower, what one GPU held; our net is both."),
            ([256, 9], "did you leave out conv2's padding? Without it 23 becomes 19."),
            ([256, 12], "a window that does not fit in whole is dropped: round down."),
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
            (3, "after that many the product is 0.0156. Go on."),
        ],
        "multiply 1 by 0.25 again and again, and count.",
    ),
    "03.3": number(
        1.25,
        "0.8 of the units stay on, and 0.8 · 1.25 = 1: the mean stays what it was.",
        [
            (0.8, "that is how many stay on, and the paper's factor in use. torch's undoes it."),
            (5, "that is 1 / p. Which share of the units stays on?"),
            (2, "that is for p = 0.5."),
            (0.2, "that is p itself, the share that is switched off."),
            (1.2, "nearly. 0.8 of the units times your number has to be 1: is it?"),
            (0.5, "that is the paper's factor for p = 0.5, in use."),
        ],
        "the share that stays on, times the factor, has to be 1.",
    ),
    "03.4": number(
        128,
        "conv4 and conv5 stay in their towers, so what enters the first half stays in it.",
        [
            (256, "that is all of them: true if conv4 or conv5 mixed the towers. Do they?"),
            (192, "that is how many of conv4's change. conv5 has fewer channels."),
            (384, "conv5 has 256 channels in all."),
            (64, "a quarter: but the split into two halves is the same split in each layer."),
            (96, "conv1 comes before conv3 and is not touched."),
            (0, "conv5 reads conv4, which reads conv3: something does arrive."),
        ],
        "follow the first half through conv4, then through conv5, in the picture of 3.7.",
    ),
    "03.5": function(
        lambda *case: torch.cat(_convolve(*case), 1),
        [_case(4, 6, 2, 1), _case(6, 9, 3, 2), _case(4, 8, 4, 3), _case(3, 5, 1, 4)],
        "each group of channels meets its own filters, and the results stand side by side.",
        [
            (
                lambda *case: _convolve(*case)[0],
                "that is the first group alone; torch.cat puts all of them side by side.",
            ),
            (
                lambda *case: sum(_convolve(*case)),
                "you add the groups up: each has output channels of its own.",
            ),
            (
                lambda x, weight, bias, groups: torch.cat(
                    _convolve(x, weight, 0 * bias, groups), 1
                ),
                "the bias is missing: each group has its part of it.",
            ),
            (
                lambda *case: torch.cat(_convolve(*case), 0),
                "you put the groups behind each other as if they were images: dim=1 are channels.",
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
                "every group adds the first group's bias: cut the bias as well.",
            ),
        ],
        "chunk x along its channels, weight and bias along their first side; convolve; cat.",
    ),
}
