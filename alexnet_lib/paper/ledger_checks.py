"""Checks of the ledger's lines: each runs what torch does beside what the paper prints.

`CHECKS[topic]()` says in a sentence what was found, and raises AssertionError where the line by
that topic in `alexnet_lib.paper.ledger.LEDGER` does not hold.
"""

from functools import wraps
from math import prod

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from alexnet_lib.data.batches import Batches
from alexnet_lib.data.color_statistics import color_statistics
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.nets.build import layers_of
from alexnet_lib.nets.init import init_code_2012_, init_paper_
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.sizes import output_size

CHECKS = {}


def checks(topic):
    """Adds a function to CHECKS, with a fixed seed, so that it draws the same each time."""

    def enter(function):
        @wraps(function)
        def run():
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                return function()

        return CHECKS.setdefault(topic, run)

    return enter


def side_after(layer, side):
    return layer(torch.zeros(1, 1, side, side)).shape[-1]


@checks("input size")
def input_size():
    conv1, padded = nn.Conv2d(1, 1, 11, stride=4), nn.Conv2d(1, 1, 11, stride=4, padding=2)
    down, up = side_after(conv1, 224), output_size(224, 11, stride=4, ceil_mode=True)
    assert (down, up, side_after(conv1, 227), side_after(padded, 224)) == (54, 55, 55, 55)
    return f"224 gives {down} rounded down and {up} rounded up; 227, or padding 2, gives 55."


@checks("pools")
def pools():
    sides = (55, 27, 13, 32)
    down = [side_after(nn.MaxPool2d(3, 2), side) for side in sides]
    up = [side_after(nn.MaxPool2d(3, 2, ceil_mode=True), side) for side in sides]
    assert down == [27, 13, 6, 15] and up == [27, 13, 6, 16]
    return f"55, 27, 13, 32 become {down} rounded down and {up} rounded up."


@checks("neurons of conv1")
def neurons():
    outputs = prod(layer_table("paper")[0].shape)
    assert outputs == 290_400 and 253_440 == 55 * 48 * 96
    return f"conv1 has {outputs:,} outputs; 253,440 is 55 · 48 · 96."


def count(model, classes=1000):
    return sum(row.parameters for row in layer_table(model, 227, classes))


@checks("parameters")
def parameters():
    large, small = ([count(name, n) for name in ("paper", "one-tower")] for n in (1000, 10))
    assert large == [60_965_224, 62_378_344] and small == [56_909_194, 58_322_314]
    return "Two towers {:,}, one {:,}; with 10 classes {:,} and {:,}.".format(*large, *small)


@checks("share of conv layers")
def share_of_conv_layers():
    convs = [row for row in layer_table("paper", 227) if row.kind == "conv"]
    percent = {row.name: 100 * row.parameters / count("paper") for row in convs}
    assert [name for name in percent if percent[name] > 1] == ["conv3", "conv4"]
    return f"conv3 has {percent['conv3']:.2f} %, conv4 {percent['conv4']:.2f} %."


def by_formula(maps, n=5, factor=1e-4, k=2, beta=0.75):
    """LRN as printed in section 3.3, map by map; `factor` is what the sum is multiplied by."""
    normalized = torch.empty_like(maps)
    for i in range(maps.shape[1]):
        window = maps[:, max(0, i - n // 2) : i + n // 2 + 1]
        normalized[:, i] = maps[:, i] / (k + factor * (window**2).sum(1)) ** beta
    return normalized


def some_maps(side=5):
    """96 maps of random numbers around 0, of standard deviation 50."""
    return 50 * torch.randn(1, 96, side, side)


def largest_change(a, b):
    """The largest difference of b from a, in percent of a."""
    return 100 * ((b - a) / a).abs().max().item()


@checks("LRN: alpha")
def lrn_alpha():
    maps = some_maps()
    printed, in_torch = by_formula(maps), nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2)(maps)
    assert_close(in_torch, by_formula(maps, factor=1e-4 / 5))
    assert_close(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)(maps), printed)
    assert_close(LocalResponseNorm(convention="torch")(maps), in_torch)
    assert_close(LocalResponseNorm(convention="paper")(maps), printed)
    change = largest_change(printed, in_torch)
    return f"torch divides alpha by n = 5: up to {change:.0f} % off, where values are around 50."


@checks("LRN: k")
def lrn_k():
    default, small = nn.LocalResponseNorm(5), torch.full((1, 8, 1, 1), 0.001)
    assert (default.alpha, default.beta, default.k) == (1e-4, 0.75, 1)
    ratio = (default(small) / LocalResponseNorm()(small))[0, 4].item()
    assert abs(ratio - 2**0.75) < 1e-4
    return f"torch's k is {default.k:g}: small values come out {ratio:.3f} times those with k = 2."


@checks("LRN: edges")
def lrn_edges():
    divisors = (1 / nn.LocalResponseNorm(5, alpha=1, beta=1, k=1)(torch.ones(1, 8, 1)))[0, :3, 0]
    assert_close(divisors, 1 + torch.tensor([3 / 5, 4 / 5, 5 / 5]))
    numbers = ", ".join(f"{divisor:.1f}" for divisor in divisors)
    return f"The first maps, all ones, are divided by {numbers}: 1 + 3, 4, 5 squares, each over 5."


def what_it_sees(norm):
    """Which of nine maps the normalized value of map 4 depends on."""
    maps = torch.ones(1, 9, 1, 1, requires_grad=True)
    norm(maps)[0, 4].sum().backward()
    return maps.grad.flatten().nonzero().flatten().tolist()


@checks("LRN: even n")
def lrn_even():
    in_torch = what_it_sees(nn.LocalResponseNorm(4, alpha=1))
    printed = what_it_sees(lambda maps: by_formula(maps, n=4, factor=1))
    assert in_torch == [2, 3, 4, 5] and printed == [2, 3, 4, 5, 6]
    return f"With n = 4, map 4 sees maps {in_torch} in torch and {printed} by the formula."


@checks("LRN: place")
def lrn_place():
    maps, lrn, pool = some_maps(side=7), LocalResponseNorm(), nn.MaxPool2d(3, 2)
    change = largest_change(lrn(maps.relu())[maps > 0], lrn(maps)[maps > 0])
    assert change > 1  # before ReLU the squares of negative values count, too
    assert torch.equal(pool(maps).relu(), pool(maps.relu()))
    return f"LRN before ReLU differs by up to {change:.0f} %; pool and ReLU can trade places."


@checks("LRN: between towers")
def lrn_between_towers():
    maps, lrn = some_maps(), LocalResponseNorm()
    together = lrn(maps)
    apart = torch.cat([lrn(tower) for tower in maps.split(48, dim=1)], dim=1)
    differ = (together != apart).any(dim=(0, 2, 3)).nonzero().flatten().tolist()
    assert differ == [46, 47, 48, 49]
    change = largest_change(apart[:, differ], together[:, differ])
    return f"Of maps 0 to 95 only {differ}, at the border, differ: by up to {change:.0f} %."


@checks("torchvision's alexnet")
def torchvisions_net():
    layers = layers_of("torchvision", 1000, 3, 2)
    convolutions = [layer for _, kind, layer in layers if kind == "conv"]
    kernels = [layer.out_channels for layer in convolutions]
    assert kernels == [64, 192, 384, 256, 256] and count("torchvision") == 61_100_840
    assert not any(kind == "lrn" for _, kind, _ in layers)
    assert all(layer.groups == 1 for layer in convolutions)
    return f"Kernels {kernels}, no LRN, no groups, {count('torchvision'):,} parameters."


@checks("input scale")
def input_scale():
    least = {}  # the smallest factor, for either scale
    for scale in (1, 70):  # pixels of unit variance, and raw ones, whose deviation is about 70
        images, weights = scale * torch.randn(8, 3, 63, 63), 0.01 * torch.randn(96, 3, 11, 11)
        maps = F.conv2d(images, weights, stride=4).relu()
        least[scale] = (LocalResponseNorm()(maps) / maps)[maps > 0].min().item()
    unit, raw = least.values()
    assert 2**-0.75 - unit < 1e-4 and raw < 0.59
    return f"LRN's factor: {unit:.4f} at unit variance, from {raw:.4f} on raw pixels."


@checks("number of crops")
def number_of_crops():
    places = output_size(256, 224)  # a window of 224 that moves by one pixel
    assert places == 33 and 2 * 33**2 == 2178 and 2 * 32**2 == 2048
    return f"{places} · {places} places times 2 flips are {2 * places**2}; 32 · 32 · 2 is 2048."


@checks("crops in a batch")
def crops_in_a_batch():
    ramp = torch.arange(32 * 32).view(32, 32) % 251  # each crop begins with another value
    images = ramp.to(torch.uint8).expand(32, 3, 32, 32)
    data = ImageSet(images, torch.zeros(32, dtype=torch.int64), ("ramp",), "32 times the same")
    ((batch, _),) = Batches(data, 32, train=True, crop=0.875, device="cpu")
    crops = len(batch[:, 0, 0, 0].unique())
    assert crops > 10
    return f"In one batch 32 copies of an image got {crops} different crops, of 25 that there are."


@checks("PCA color")
def pca_color():
    pixels = 127 + 60 * torch.randn(2, 1, 50, 50) + 10 * torch.randn(2, 3, 50, 50)
    images = pixels.clamp(0, 255).to(torch.uint8)
    data = ImageSet(images, torch.zeros(2, dtype=torch.int64), ("gray",), "drawn")
    eigenvalue = torch.linalg.eigvalsh(images.double().transpose(0, 1).flatten(1).cov())[-1]
    taken = color_statistics(data).components[:, -1].norm()
    assert abs(taken - eigenvalue**0.5) < 0.01 * taken
    return f"On pixels, 0 to 255, 0.1 λ is {eigenvalue / 10:.0f}, 0.1 √λ is {taken / 10:.0f}."


@checks("dropout")
def dropout():
    layer, ones = nn.Dropout(0.5), torch.ones(100_000)
    trained = layer(ones)
    assert trained.unique().tolist() == [0, 2] and abs(trained.mean() - 1) < 0.01
    assert torch.equal(layer.eval()(ones), ones)
    return f"torch makes 1 to 0 or 2 in training, {trained.mean():.2f} on average; 1 at test time."


def paths(rates):
    """A weight after each step of the paper's update, and of torch's SGD; the gradient is 1."""
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.ones_like(weight)
    sgd = torch.optim.SGD([weight], lr=1.0, momentum=0.9, weight_decay=0.0005)
    w, v, path = 0.0, 0.0, []
    for rate in rates:
        v = 0.9 * v - 0.0005 * rate * w - rate * 1
        w = w + v
        sgd.param_groups[0]["lr"] = rate
        sgd.step()
        path.append((w, weight.item()))
    return torch.tensor(path).T


@checks("momentum")
def momentum():
    assert_close(*paths([0.01] * 60))
    ours, torchs = (path.diff()[49].abs() for path in paths([0.01] * 50 + [0.001]))
    assert ours > 5 * torchs
    return f"Equal at one rate; after ÷10 the paper steps by {ours:.4f}, torch by {torchs:.4f}."


def after_a_step(gradient, groups):
    """A weight and a bias, both 1 at first, after a step of SGD in the groups of `groups`."""
    weight, bias = (torch.ones(1, requires_grad=True) for _ in range(2))
    weight.grad, bias.grad = torch.full((1,), gradient), torch.full((1,), gradient)
    torch.optim.SGD(groups(weight, bias), lr=0.01).step()
    return round(weight.item(), 4), round(bias.item(), 4)


@checks("weight decay")
def weight_decay():
    together = after_a_step(0.0, lambda w, b: [{"params": [w, b], "weight_decay": 0.5}])
    apart = after_a_step(0.0, lambda w, b: [{"params": w, "weight_decay": 0.5}, {"params": b}])
    assert together == (0.995, 0.995) and apart == (0.995, 1)
    return f"A bias of 1 becomes {together[1]} with the weights, and stays in a group of its own."


@checks("learning rate of biases")
def rate_of_biases():
    together = after_a_step(1.0, lambda w, b: [w, b])
    apart = after_a_step(1.0, lambda w, b: [{"params": w}, {"params": b, "lr": 0.02}])
    assert together == (0.99, 0.99) and apart == (0.99, 0.98)
    return f"Weight and bias go from 1 to {together} in one group, to {apart} in two."


def five_convolutions():
    """Five convolutions, of which the third has as many inputs as conv3."""
    return nn.Sequential(*(nn.Conv2d(256 if n == 3 else 1, 64, 3) for n in (1, 2, 3, 4, 5)))


@checks("initial weights")
def first_weights():
    nets = [init(five_convolutions()) for init in (init_paper_, init_code_2012_, nn.Identity())]
    paper, code, in_torch = (net[2].weight.std().item() for net in nets)
    assert abs(paper - 0.01) < 1e-4 and abs(code - 0.03) < 3e-4
    assert abs(in_torch - (3 * 256 * 9) ** -0.5) < 1e-4
    return f"conv3's std: paper {paper:.3f}, code {code:.3f}, torch's default {in_torch:.4f}."


@checks("initial biases")
def first_biases():
    in_torch = five_convolutions()[2].bias.abs().max()
    paper = [layer.bias.mean().item() for layer in init_paper_(five_convolutions())]
    assert paper == [0, 1, 0, 1, 1] and 0 < in_torch <= (256 * 9) ** -0.5
    return f"conv1 to conv5: {paper} in the paper; in torch conv3's lie within ±{in_torch:.3f}."
