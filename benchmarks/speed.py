"""How much faster the course is than the usual way: LRN, the input pipeline, training.

`make bench` (`python benchmarks/speed.py`) runs both sides of each comparison in turn in one
process, prints their ratios and writes results/benchmarks/speed-DEVICE-KIND.json, with the machine
that it ran on: a file for each kind of processor. Close other programs first: two cores that are
busy elsewhere time nothing.
"""

import argparse
import subprocess
import sys

import timing
import torch
import tutorial
from torch import nn

from alexnet_lib.base.device import keep_freed_memory, mixed_type, pick_device
from alexnet_lib.data.batches import Batches
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10
from alexnet_lib.nets.build import build
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.lrn_c import c_takes
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.step import Step

NORMS = {
    "torch": lambda: nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
    "course": lambda: LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
}
NORM_SHAPE = 32, 96, 55, 55


def pictures(count):
    """Drawn pictures of 32×32 pixels: what they show makes no difference here."""
    images, labels = map(torch.from_numpy, draw_shapes10(count))
    return ImageSet(images, labels, SHAPES10_CLASSES, SHAPES10_NAME)


def norm(device):
    """LRN forward and backward at the size that it has after conv1, 32 images."""
    x = torch.randn(NORM_SHAPE, device=device).mul_(10).relu_().requires_grad_()
    upstream = torch.randn(NORM_SHAPE, device=device)

    def side(layer):
        def run():
            x.grad = None
            layer(x).backward(upstream)

        return run

    seconds = timing.in_turn({name: side(make()) for name, make in NORMS.items()}, 9, device)
    row = compared(seconds, len(x)) | {"in C": c_takes(x, beta=0.75, k=2.0)}
    if device.type == "cpu" and timing.peak_memory():
        row["peak_MB"] = {name: norm_memory(name) for name in NORMS}
    return row


def norm_memory(name):
    """Megabytes that LRN's forward and backward pass add to a fresh process's peak."""
    command = [sys.executable, __file__, "--norm-memory", name]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_norm_memory(name):
    x, upstream = torch.randn(NORM_SHAPE, requires_grad=True), torch.randn(NORM_SHAPE)
    before = timing.peak_memory(reset=True)
    NORMS[name]()(x).backward(upstream)
    print(round((timing.peak_memory() - before) / 1e6))


def pipeline(device):
    """Batches of 128 images at 227 pixels, cropped and flipped, each by itself or together."""
    data, steps = pictures(1024), 8
    theirs = tutorial.Loop(nn.Linear(1, 1), tutorial.loader(data, 227, 128))
    ours = Batches(data, 128, size=227, train=True, crop=0.875, flip=True, device=device)

    def tutorial_side():
        for _ in range(steps):
            theirs.next_batch()[0].to(device)

    def course_side():
        for _ in ours:
            pass

    return compared(
        timing.in_turn({"tutorial": tutorial_side, "course": course_side}, 5, device), 1024
    )


def share(device, model, size, batch_size, images):
    """How much of a training step the making of its batch takes, in percent."""
    plan, data = recipe(size), pictures(images)
    batches = plan.batches(data, train=True, batch_size=batch_size, device=device)
    step = Step(build(model, 10, size).to(device), plan, device)
    ready = list(batches)

    def making():
        for _ in batches:
            pass

    def training():
        for pair in ready:
            step(*pair, rate=1e-4)

    seconds = timing.in_turn({"making": making, "training": training}, 5, device)
    both = sum(seconds.values())
    return {"images_per_second": images / both, "share": 100 * seconds["making"] / both}


def recipe(size, precision="mixed"):
    """Crops and flips, as the tutorial has them."""
    crop = dict(crop=0.875) if size else dict(pad=2)
    return Recipe(size=size, precision=precision, init="he", **crop)


def training(device):
    """AlexNet in one tower at 227 pixels with LRN: images per second, data and all."""
    data, batch_size, steps = pictures(1024), 32, 6
    theirs = tutorial.loader(data, 227, batch_size)
    sides = {"tutorial": tutorial.Loop(tutorial.net(), theirs, device)}
    precisions = {"course, float32": "float32", "course": "mixed"}
    if mixed_type(device) is None:  # then "mixed" is float32
        del precisions["course, float32"]
    for name, precision in precisions.items():
        sides[name] = CourseLoop(recipe(227, precision), data, "one-tower", batch_size, device)
    calls = {name: lambda side=side: side(steps) for name, side in sides.items()}
    return compared(timing.in_turn(calls, 5, device), steps * batch_size)


class CourseLoop(tutorial.Loop):
    """The course's step and batches: calling it trains on so many batches."""

    def __init__(self, plan, data, model, batch_size, device):
        self.batches = plan.batches(data, train=True, batch_size=batch_size, device=device)
        net = build(model, 10, plan.size)
        net.to(device, memory_format=torch.channels_last)
        self.step, self.source = Step(net, plan, device), iter(self.batches)

    def __call__(self, steps):
        for _ in range(steps):
            loss, _, _ = self.step(*self.next_batch(), rate=1e-4)
        loss.item()


def compared(seconds, images):
    """Images per second of each side, and how many times the first side's the last one's are."""
    rates = {name: images / time for name, time in seconds.items()}
    first, *_, last = rates.values()
    return {"images_per_second": rates, "ratio": last / first}


def report(device):
    """All comparisons, each printed as it ends; returns them as data."""
    found, kind = {}, timing.instructions(device)
    print(timing.processor() + (f" with {kind}" if kind else ""), flush=True)
    for name, title, compare in (
        ("norm", "LRN, forward and backward, 96 maps of 55×55", norm),
        ("pipeline", "batches of 227×227, cropped and flipped", pipeline),
        ("training", "one-tower AlexNet at 227 pixels, trained", training),
    ):
        found[name] = compare(device)
        rates = found[name]["images_per_second"].items()
        sides = ", ".join(f"{side} {rate:,.0f}" for side, rate in rates)
        ratio = f"{found[name]['ratio']:>6.1f} times"
        print(f"{title:<44}{ratio}   images/s: {sides}", flush=True)
    for name, model, size, batch_size, images in (
        ("small net", "four-layer", None, 128, 2048),
        ("large net", "one-tower", 227, 32, 128),
    ):
        found[name] = row = share(device, model, size, batch_size, images)
        speed = f"{row['images_per_second']:,.0f} images/s trained"
        part = f"{row['share']:.1f} % of it for making batches"
        print(f"{model:<12}{size or 32:>4} pixels: {speed}, {part}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", help="cpu, cuda or mps; default: the best")
    parser.add_argument("--norm-memory", metavar="SIDE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.norm_memory:
        return print_norm_memory(options.norm_memory)
    device = pick_device(options.device)
    keep_freed_memory()
    found = report(device)
    timing.write("speed", device, found, by_kind=True)


if __name__ == "__main__":
    main()
