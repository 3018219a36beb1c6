"""The exercises of notebook 01."""

from math import prod

from alexnet_lib.course.exercises.checkers import choice, number
from alexnet_lib.nets.layer_table import layer_table

_ALL_SHRINK = "close to the paper's number, but the layers behind conv1 get smaller maps as well."
_ALL_ROWS = sum(prod(row.shape) for row in layer_table("paper", 224, 1000, padding=0))

EXERCISES = {
    "01.1": number(
        100 * (26.2 - 15.3) / 26.2,
        "about two of five mistakes of the next best entry are gone.",
        [
            (26.2 - 15.3, "that is the difference in points. What part of 26.2 is it?"),
            ((26.2 - 15.3) / 26.2, "as a fraction it is right; give it in percent."),
            (
                100 * (26.2 - 15.3) / 15.3,
                "you divided by the new error; how large was the old one?",
            ),
            (100 * 15.3 / 26.2, "that is the share of mistakes that remains."),
            (100 * 26.2 / 15.3, "that is the old error in percent of the new one."),
            (42, "that is close: give one digit after the point."),
            (100 * (15.3 - 26.2) / 26.2, "by how much it is lower, so a number above 0."),
        ],
        "the difference of the two errors, divided by the one it is compared with, in percent.",
    ),
    "01.2": number(
        9 * 9 * 2,
        "9 places down, 9 across, and each crop also mirrored.",
        [
            (8 * 8 * 2, "count the places: a window that moves by 8 pixels stands where at first?"),
            (
                8 * 8,
                "a window that moves by 8 has more than 8 places; and there are mirrored ones.",
            ),
            (9 * 9, "those are the crops as they are. And the mirrored ones?"),
            (9 * 2, "the window moves down as well as across."),
            (9, "those are the places across. It also moves down, and there are mirrored crops."),
            (2048, "that is the paper's number, for windows of 224 in 256 pixels."),
            (2178, "that is for windows of 224 in 256 pixels; here it is 32 in 40."),
        ],
        "in how many places can 32 pixels lie in 40? That twice, down and across; then the mirror.",
    ),
    "01.3": choice(
        "conv4",
        "in one tower its filters see all 384 maps, and it holds 2.13 % of the parameters.",
        {
            "conv1": "its filters see only the 3 colors: few weights. Ask layer_table.",
            "conv2": "just below 1 %, as it happens. Ask layer_table for all five.",
            "conv3": "with two towers it is. Which layer sees twice as many maps in one tower?",
            "conv5": "close: as many maps go in as for another layer, but fewer come out.",
        },
    ),
    "01.4": number(
        609_640,
        "all maps shrink, 26 and 12 instead of 27 and 13, and the sum is well below the paper's.",
        [
            (659_272, "that is for 227 pixels. Give layer_table 224 and padding=0."),
            (648_808, _ALL_SHRINK),
            (650_000, _ALL_SHRINK),
            (
                622_312,
                "that is the sum of the sizes as printed. Give layer_table 224 and padding=0.",
            ),
            (290_400, "that is conv1 alone, and at 227 pixels."),
            (60_965_224, "those are parameters; a neuron is a number that a layer puts out."),
            (_ALL_ROWS, "those are all rows; count only the eight that have parameters."),
            (279_936, "that is conv1 alone; add the seven layers behind it."),
            (
                609_640 - 9_192,
                "that is the five conv layers; the fc layers' numbers count as well.",
            ),
            (
                54 * 54 + 2 * 26 * 26,
                "a layer has as many numbers as its maps have pixels, all maps.",
            ),
        ],
        "take the eight rows that have parameters, multiply out each one's shape, and add up.",
    ),
    "01.5": choice(
        "C",
        "a verdict on the idea, for this net and these images; about others it is silent.",
        {
            "A": "that number was measured on ImageNet. Did you measure anything there?",
            "B": "you tried one net, on one kind of images.",
            "D": "six runs do say something. Of which net, on which images?",
        },
    ),
}
