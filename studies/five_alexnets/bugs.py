"""The bugs of five AlexNets from the web, each rebuilt in a few lines.

None of this is meant for use, and the library contains none of it. tests/studies shows the symptom
of each bug, so that notebook 10 stays true when torch changes; record.py measures what some of them
cost. 000 to 004 are the numbers that the notebook gives the five write-ups.
"""

import ast
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

from alexnet_lib.nets.build import build
from alexnet_lib.nets.lrn import LocalResponseNorm

# 001: two lines of a class were indented by tabs, the rest by spaces.
TABS = (
    "class Net:\n"
    "    def __init__(self):\n"
    "        self.conv5 = 256\n"
    "\t\t\t\tself.avgpool = 6\n"
    "        self.fc6 = 4096\n"
)

# 000 and 004: what is defined and never used.
UNUSED = """
class Net:
    def __init__(self):
        self.conv1 = "torch's default initialization"

    def initialize(self):
        self.conv1 = "N(0, 0.01)"

augmented = Images("train", flip=True)
for_test = Images("test", flip=True)
optimizer = SGD(rate=0.01, momentum=0.9, decay=0.0005)
logs = TensorBoard("logs")
net = Net()
net.compile(optimizer="sgd")
net.fit(augmented)
"""


def unused(source):
    """Names that a program's text defines or assigns and never reads."""
    given, read = [], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            read.add(node.id) if isinstance(node.ctx, ast.Load) else given.append(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            read.add(node.attr)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("__"):
            given.append(node.name)
    return [name for name in given if name not in read]


class NeverCalled(nn.Module):
    """000: a method draws the initial weights, and nothing calls it."""

    def __init__(self, **widths):
        super().__init__()
        self.net = build("one-tower", 10, 224, **widths)

    def initialize(self):
        normal_start_(self.net)

    def forward(self, images):
        return self.net(images)


def normal_start_(model):
    """000's method, and 002's, which is called: N(0, 0.01) and biases of 1, convolutions only."""
    for name, layer in model.named_modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, 0, 0.01)
            nn.init.constant_(layer.bias, float(name[-1] in "245"))
    return model


def window_of_two_(model):
    """001: normalization over a window of 2, with torch's own alpha, beta and k."""
    model.features.lrn1 = model.features.lrn2 = LocalResponseNorm(2, alpha=1e-4, beta=0.75, k=1.0)
    return model


def mismatched(in4=256, in5=256):
    """002: conv4 and conv5 are declared for 256 maps, and get conv3's and conv4's 384."""
    model = build("one-tower", 1000, 227)
    model.features.conv4 = nn.Conv2d(in4, 384, 3, padding=1)
    model.features.conv5 = nn.Conv2d(in5, 256, 3, padding=1)
    return model


def norm_after_relu(model):
    """004: batch normalization after the ReLU, where Keras' `activation=` puts it."""
    parts = dict(model.features.named_children())
    pairs = [(f"bn{number}", f"relu{number}") for number in range(1, 6)]
    swapped = dict(pairs) | {relu: bn for bn, relu in pairs}
    names = [swapped.get(name, name) for name in parts]
    model.features = nn.Sequential(OrderedDict((name, parts[name]) for name in names))
    return model


def optimizer_by_name(optimizer, parameters):
    """004: as in Keras, a name means an optimizer with all its default settings."""
    if optimizer == "sgd":
        optimizer = {"lr": 0.01, "momentum": 0.0}
    return torch.optim.SGD(parameters, **optimizer)


def binary_loss(logits, labels):
    """004: the mean of the binary cross-entropies of the softmax outputs."""
    targets = F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return F.binary_cross_entropy(logits.softmax(1), targets)


class UpsideDown:
    """004: batches in which half of the images, drawn at random, are upside down."""

    def __init__(self, batches):
        self.batches = batches
        self.data, self.statistics = batches.data, batches.statistics

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        for images, labels in self.batches:
            turned = torch.rand(len(images), device=images.device) < 0.5
            yield torch.where(turned[:, None, None, None], images.flip(2), images), labels
