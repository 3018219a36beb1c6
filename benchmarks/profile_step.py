"""Where the time of a training step goes: AlexNet in one tower at 227 pixels, batches of 32.

`python benchmarks/profile_step.py` profiles steps of the course's loop, one after the other, and
writes the median time of each part to results/benchmarks/step-DEVICE-KIND.json; `make figures`
draws it. How many operations per second the convolutions reach is compared with what a large matrix
product reaches: about that much faster they could become. Close other programs first.
"""

import argparse
import statistics
import time

import speed
import timing
import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile, record_function

from alexnet_lib.base.device import keep_freed_memory, pick_device
from alexnet_lib.nets.layer_table import layer_table

SIZE, BATCH_SIZE, STEPS = 227, 32, 9
# Words in the names of the outermost operations that torch's profiler sees; the first one counts.
PARTS = {
    "convolutions": ("conv",),
    "LRN": ("LRN",),
    "pooling": ("pool",),
    "linear layers": ("linear", "addmm"),
    "ReLU, dropout": ("relu", "dropout", "mulbackward"),
    "optimizer": ("optimizer",),
    "batches": ("batches",),
    "type casts": ("aten::to", "tocopy"),
}


class Recorded(speed.CourseLoop):
    """The course's loop, whose batches the profiler sees as one operation."""

    def next_batch(self):
        with record_function("batches"):
            return super().next_batch()


def part(name):
    """The part of the step that an operation belongs to: a key of PARTS, or "other"."""
    for part, words in PARTS.items():
        if any(word.lower() in name.lower() for word in words):
            return part
    return "other"


def measure(loop):
    """Seconds of each part in one step. "other" is all other operations, and the time between them.

    An operation's time includes that of the operations that it calls.
    """
    with profile(activities=[ProfilerActivity.CPU]) as found:
        began = time.perf_counter()
        loop(1)
        whole = time.perf_counter() - began
    seconds = dict.fromkeys([*PARTS, "other"], 0.0)
    for event in found.events():
        if event.cpu_parent is None and event.device_type == DeviceType.CPU:
            seconds[part(event.name)] += event.cpu_time_total / 1e6
    between = whole - sum(seconds.values())
    return seconds | {"other": seconds["other"] + between}


def convolution_operations(images):
    """Multiplications and additions of all convolutions in one step on so many images.

    Each is computed three times, for the outputs and for two gradients, and conv1 twice: the
    gradient with respect to the images is not needed.
    """
    first, *others = [row.macs for row in layer_table("one-tower", SIZE, 10) if row.kind == "conv"]
    return 2 * images * (2 * first + 3 * sum(others))


def matrix_product(kind, side=4096):
    """Operations per second in a product of two square matrices of this type."""
    one, two = (torch.randn(side, side).to(kind) for _ in range(2))
    seconds = timing.in_turn({"product": lambda: one @ two})["product"]
    return 2 * side**3 / seconds


def main():
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    device = pick_device("cpu")  # on a GPU the processor's times are not the GPU's
    keep_freed_memory()
    data, plan = speed.pictures(256), speed.recipe(SIZE)
    loop = Recorded(plan, data, "one-tower", BATCH_SIZE, device)
    loop(2)
    steps = [measure(loop) for _ in range(STEPS)]
    parts = {name: statistics.median(step[name] for step in steps) for name in steps[0]}
    for name, seconds in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"{name:<16}{1000 * seconds:>8.0f} ms{100 * seconds / sum(parts.values()):>6.1f} %")
    found = {"model": "one-tower", "size": SIZE, "batch_size": BATCH_SIZE, "seconds": parts}
    kind = loop.step.type or torch.float32
    found["type"] = str(kind).removeprefix("torch.")
    reached = convolution_operations(BATCH_SIZE) / parts["convolutions"], matrix_product(kind)
    found["gflops"] = dict(zip(("convolutions", "matrix product"), reached, strict=True))
    found["gflops"] = {name: round(number / 1e9, 1) for name, number in found["gflops"].items()}
    print("GFLOP/s: " + ", ".join(f"{name} {rate}" for name, rate in found["gflops"].items()))
    timing.write("step", device, found, by_kind=True)


if __name__ == "__main__":
    main()
