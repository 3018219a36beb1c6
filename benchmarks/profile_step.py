"""Where the time of a training step goes: AlexNet in one tower at 227 pixels, batches of 32.

`python benchmarks/profile_step.py` profiles steps of the course's loop, one after the other, and
writes the median time of each part to results/benchmarks/step-DEVICE-KIND.json; `make figures`
draws it. Close other programs first.
"""

import argparse
import statistics
import time

import speed
import timing
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile, record_function

from alexnet_lib.base.device import keep_freed_memory, pick_device

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
    found["type"] = str(loop.step.type or "torch.float32").removeprefix("torch.")
    timing.write("step", device, found, by_kind=True)


if __name__ == "__main__":
    main()
