"""Where the paper, its authors' code and PyTorch differ, as data.

"The 2012 code" is the authors' own, published by the Computer History Museum as
computerhistory/AlexNet-Source-Code.
"""

from typing import NamedTuple


class LedgerLine(NamedTuple):
    """One line of the ledger: what the paper prints, what its code did, what torch does.

    `ledger_checks.CHECKS` has a check by the same `topic` where a line can be run.
    """

    topic: str
    section: str
    paper: str
    code: str
    torch: str


# fmt: off
LEDGER = (
    LedgerLine(
        "input size", "3.5, Fig. 2", "224×224 give 55×55 in conv1; the padding is not stated",
        "no padding, rounds up: 1 + ceil((224 − 11) / 4) = 55",
        "rounds down: 54 from 224; 55 from 227, or from 224 with padding 2",
    ),
    LedgerLine(
        "pools", "3.5", "13×13 maps after pool2; the rounding is not stated",
        "round up: 55, 27, 13, 6",
        "round down, up with ceil_mode=True: the same here, not on CIFAR's 32",
    ),
    LedgerLine(
        "neurons of conv1", "3.5, Fig. 2", "253,440", "55 · 55 · 96 = 290,400",
        "290,400; 253,440 is 55 · 48 · 96 (why is unknown)",
    ),
    LedgerLine(
        "parameters", "abstract", "60 million, of 1000 classes",
        "two towers, one per GPU: 60,965,224", "the same with groups=2; 62,378,344 in one tower",
    ),
    LedgerLine(
        "share of conv layers", "1", "each has at most 1 % of the parameters",
        "conv3 1.5 %, conv4 1.1 %", "the same: conv3 1.5 %, conv4 1.1 %",
    ),
    LedgerLine(
        "LRN: alpha", "3.3", "times the sum of the squares", "times their mean: alpha / n",
        "alpha / n; the printed formula is alpha=5e-4",
    ),
    LedgerLine("LRN: k", "3.3", "2", "2; 1 was tried, and hardly differed", "1 unless given"),
    LedgerLine(
        "LRN: edges", "3.3", "fewer maps in the sum", "fewer maps, still divided by n",
        "fewer maps, still divided by n",
    ),
    LedgerLine(
        "LRN: even n", "3.3", "i − n/2 to i + n/2: n + 1 maps", "n maps, one more before i",
        "n maps, one more before i",
    ),
    LedgerLine(
        "LRN: place", "3.3", "after ReLU", "layer 1: LRN, pool, ReLU; layer 2: after ReLU",
        "wherever it is put; here after ReLU",
    ),
    LedgerLine(
        "LRN: a second one", "3.3", "not mentioned",
        "after LRN2 another one: over 5×5 places of the same map", "none over places",
    ),
    LedgerLine(
        "LRN: between towers", "3.3", "the sum runs over all maps of the layer",
        "stays in each GPU's 48 or 128 maps", "runs over all maps, so does this course's net",
    ),
    LedgerLine(
        "LRN on CIFAR-10", "3.3", "takes a four-layer net from 13 % to 11 % test error",
        "the public 11 % net is also wider and trained for longer", "has neither net",
    ),
    LedgerLine(
        "torchvision's alexnet", "3.5", "96, 256, 384, 384, 256 kernels, LRN, two towers",
        "as the paper", "64, 192, 384, 256, 256, no LRN, one tower: 61,100,840 parameters",
    ),
    LedgerLine(
        "input scale", "2", "pixels from 0 to 255, less the mean image", "as the paper",
        "mostly unit variance: LRN is then close to the constant 2^−0.75 = 0.595",
    ),
    LedgerLine(
        "number of crops", "4.1", "2048 with flips: 32 · 32 · 2", "33 · 33 · 2 = 2178",
        "RandomCrop: 33 · 33 places as well",
    ),
    LedgerLine(
        "crops in a batch", "4.1", "not stated", "32 images in a row share crop and flip",
        "each image its own; so does this course",
    ),
    LedgerLine(
        "PCA color", "4.1", "adds a component times its eigenvalue λ",
        "times √λ, and then divides the image by 1.1", "has none; this course takes √λ",
    ),
    LedgerLine(
        "dropout", "4.2", "halves the outputs at test time", "as the paper",
        "doubles the remaining outputs in training",
    ),
    LedgerLine(
        "momentum", "5", "the learning rate is inside the velocity", "as the paper",
        "it is outside: after learning-rate decay the steps differ",
    ),
    LedgerLine(
        "weight decay", "5", "of the weights w", "of weights, not of biases",
        "of all in the group: biases need a group of their own",
    ),
    LedgerLine(
        "initial weights", "5", "N(0, 0.01) in all layers", "N(0, 0.03) in conv3 to conv5",
        "uniform up to 1 / √inputs",
    ),
    LedgerLine(
        "initial biases", "5", "1 in conv2, conv4, conv5, fc6, fc7; else 0", "as the paper",
        "uniform up to 1 / √inputs",
    ),
    LedgerLine(
        "learning rate of biases", "5", "as for weights: 0.01",
        "0.02 at first, and lowered later and less", "as for weights, unless in other groups",
    ),
    LedgerLine(
        "learning rate over time", "5", "one for all layers, ÷10 three times",
        "decays layer by layer; conv1 is frozen from epoch 72", "one for all in a group",
    ),
)
# fmt: on
