"""The paper's claims and its results in the ImageNet challenge, as data.

"The paper" is ImageNet Classification with Deep Convolutional Neural Networks (Krizhevsky,
Sutskever, Hinton, 2012); "the 2012 code" is the authors' own, published by the Computer History
Museum as computerhistory/AlexNet-Source-Code.
"""

from typing import NamedTuple

KINDS = ARITHMETIC, CIFAR, HISTORY = "arithmetic", "CIFAR-10 experiment", "ImageNet history"


class Claim(NamedTuple):
    """One claim: the section it is from, one of KINDS, and the notebook that tests it ("02").

    `notebook` is None where nothing here can test it.
    """

    name: str
    section: str
    kind: str
    notebook: str | None
    claim: str


class ChallengeResult(NamedTuple):
    """An entry of the ImageNet challenge, and its errors in percent on `images`.

    `images` is "test" or "validation"; `top1` is None where none was printed.
    """

    year: int
    entry: str
    top1: float | None
    top5: float
    images: str


# fmt: off
CLAIMS = (
    Claim("parameters", "abstract", ARITHMETIC, "01",
        "The net has 60 million parameters."),
    Claim("neurons", "abstract", ARITHMETIC, "01",
        "The net has 650,000 neurons."),
    Claim("ILSVRC-2010", "abstract", HISTORY, None,
        "The net has a test error of 37.5 % (top-1) and 17.0 % (top-5); the best before it had "
        "45.7 % and 25.7 %."),
    Claim("ILSVRC-2012", "abstract", HISTORY, None,
        "An ensemble of seven nets has a test error of 15.3 % (top-5); the second-best entry has "
        "26.2 %."),
    Claim("one percent", "1", ARITHMETIC, "01",
        "No convolutional layer holds more than 1 % of the parameters."),
    Claim("no layer to spare", "1", CIFAR, "08",
        "Take out any convolutional layer, and the error rises."),
    Claim("raw pixels", "2", CIFAR, "05",
        "The net learns from raw pixels: only their mean over the training images is subtracted."),
    Claim("six times faster", "3.1", CIFAR, "08",
        "On CIFAR-10 a four-layer net with ReLU reaches 25 % training error in a sixth of the "
        "steps that it takes with tanh."),
    Claim("two GPUs", "3.2", CIFAR, "08",
        "Split over two GPUs, the net has a lower error than one half as wide on one GPU: by 1.7 "
        "points (top-1) and 1.2 (top-5)."),
    Claim("LRN on ImageNet", "3.3", HISTORY, None,
        "LRN lowers the error by 1.4 points (top-1) and 1.2 (top-5)."),
    Claim("LRN on CIFAR-10", "3.3", CIFAR, "08",
        "On CIFAR-10 LRN takes a four-layer net from 13 % to 11 % test error."),
    Claim("overlapping pools", "3.4", CIFAR, "08",
        "With pools of 3×3 pixels that overlap the error is lower than with pools of 2×2 that do "
        "not: by 0.4 points (top-1) and 0.3 (top-5)."),
    Claim("pools of equal size", "3.4", ARITHMETIC, "01",
        "Pools of 2×2 give maps of the same size as pools of 3×3; both move by 2 pixels."),
    Claim("pools and overfitting", "3.4", CIFAR, "08",
        "Nets with overlapping pools are slightly harder to overfit."),
    Claim("224 pixels", "3.5", ARITHMETIC, "02",
        "Filters of 11×11 that move by 4 pixels make maps of 55×55 out of images of 224×224."),
    Claim("sizes of the layers", "3.5", ARITHMETIC, "02",
        "The layers' outputs have 253,440, 186,624, 64,896, 64,896, 43,264, 4096, 4096 and 1000 "
        "numbers."),
    Claim("maps that a filter sees", "3.5", ARITHMETIC, "03",
        "Filters of conv2, conv4 and conv5 see 48, 192 and 192 maps, those on their own GPU; "
        "filters of conv3 see all 256."),
    Claim("free augmentation", "4.1", HISTORY, None,
        "Changed copies of the images cost no time: the CPU makes them while the GPU trains."),
    Claim("2048 copies", "4.1", ARITHMETIC, "01",
        "Crops of 224 pixels out of 256, mirrored or not, make 2048 images of one."),
    Claim("crops and flips", "4.1", CIFAR, "08",
        "Without crops and mirrored images the net overfits badly."),
    Claim("color", "4.1", CIFAR, "08",
        "Random changes of color lower the top-1 error by over 1 point."),
    Claim("dropout", "4.2", CIFAR, "08",
        "Without dropout the net overfits badly."),
    Claim("dropout takes longer", "4.2", CIFAR, "08",
        "Dropout about doubles the steps that training takes."),
    Claim("weight decay", "5", CIFAR, "08",
        "Weight decay lowers the training error too."),
    Claim("biases of 1", "5", CIFAR, "08",
        "Biases that start at 1 speed up the beginning of training."),
    Claim("learning-rate decay", "5", CIFAR, "08",
        "When the validation error stalls, it pays to divide the learning rate by 10."),
    Claim("days", "5", HISTORY, None,
        "About 90 epochs take five to six days on two GTX 580 GPUs with 3 GB each."),
    Claim("ten views", "6", CIFAR, "08",
        "Averaged over ten views of an image the error falls from 39.0 % to 37.5 % (top-1) "
        "and from 18.3 % to 17.0 % (top-5)."),
    Claim("five nets", "6", HISTORY, None,
        "Averaging five nets takes the top-5 error of 2012 from 18.2 % to 16.4 %."),
    Claim("more images", "6", HISTORY, None,
        "One net that has a sixth convolutional layer, and first learned all of ImageNet's release "
        "of 2011, has an error of 16.6 % (top-5)."),
    Claim("ImageNet of 2009", "6", HISTORY, None,
        "On all of ImageNet, as of fall 2009, a net with a sixth convolutional layer has an error "
        "of 67.4 % (top-1) and 40.9 % (top-5)."),
    Claim("two kinds of filters", "6.1", CIFAR, "08",
        "In each run the first filters on one GPU grow blind to color, those on the other "
        "specific to it."),
    Claim("near images", "6.1", HISTORY, None,
        "Photos that give nearly the same numbers in the last hidden layer show similar things."),
    Claim("depth", "7", CIFAR, "08",
        "Without one of the middle layers the top-1 error rises by about 2 points."),
)
# fmt: on

# Tables 1 and 2 of the paper (section 6).
CHALLENGE = (
    ChallengeResult(2010, "sparse coding", 47.1, 28.2, "test"),
    ChallengeResult(2010, "SIFT + Fisher vectors", 45.7, 25.7, "test"),
    ChallengeResult(2010, "AlexNet", 37.5, 17.0, "test"),
    ChallengeResult(2012, "SIFT + Fisher vectors", None, 26.2, "test"),
    ChallengeResult(2012, "AlexNet", 40.7, 18.2, "validation"),
    ChallengeResult(2012, "5 AlexNets", None, 16.4, "test"),
    ChallengeResult(2012, "7 AlexNets", None, 15.3, "test"),
)


def markdown_table(rows, *fields):
    """Rows of CLAIMS, LEDGER or CHALLENGE as a Markdown table.

    `fields` names the columns, in order: all of them where none is given. None is "–".
    Raises ValueError for no rows, and for a field that they do not have.
    """
    rows = tuple(rows)
    if not rows:
        raise ValueError("rows is empty: give some of CLAIMS, LEDGER or CHALLENGE")
    fields = fields or rows[0]._fields
    for field in fields:
        if field not in rows[0]._fields:
            raise ValueError(f"no field {field!r}; there are {', '.join(rows[0]._fields)}")
    values = [[getattr(row, field) for field in fields] for row in rows]
    lines = [["–" if value is None else str(value) for value in line] for line in values]
    lines = [[text.replace("|", r"\|") for text in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in [fields, ["---"] * len(fields), *lines])
