"""Images per second and memory of training, against batch size, image size and number of images.

`python benchmarks/growth.py` measures each point in a process of its own and writes
results/benchmarks/growth-DEVICE.json; `make figures` draws it.
"""

import argparse
import json
import subprocess
import sys
from math import nan

import timing
import torch
from tqdm import tqdm

from alexnet_lib.base.device import keep_freed_memory, pick_device
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.data.shapes10 import SHAPES10_CLASSES, SHAPES10_NAME, draw_shapes10
from alexnet_lib.nets.build import build
from alexnet_lib.training.estimate import step_memory, training_speed
from alexnet_lib.training.recipe import RECIPES
from alexnet_lib.training.step import Step

# What grows, in which net. The rest: batches of 128 images (32 in one-tower), 2,000 images.
GROWTH = {
    "batch_size": {"four-layer": (8, 32, 128, 512), "one-tower": (8, 32, 128)},
    "size": {"four-layer": (32, 64, 128), "one-tower": (67, 96, 128, 227)},
    "images": {"four-layer": (1000, 5000, 20000, 50000)},
}


def points():
    """Every point as the arguments of `measure`, with what grows there."""
    for grows, models in GROWTH.items():
        for model, values in models.items():
            small = model == "four-layer"
            usual = {
                "size": 32 if small else 67,
                "batch_size": 128 if small else 32,
                "images": 2000,
            }
            for value in values:
                yield {"grows": grows, "model": model} | usual | {grows: value}


def measure(model, size, batch_size, images, device, **_):
    """One point: images per second, and the process's peak memory in MB (on a GPU, the GPU's)."""
    keep_freed_memory()
    pictures, labels = map(torch.from_numpy, draw_shapes10(min(images, 2000)))
    repeat = -(-images // len(pictures))
    pictures, labels = pictures.repeat(repeat, 1, 1, 1)[:images], labels.repeat(repeat)[:images]
    data = ImageSet(pictures, labels, SHAPES10_CLASSES, SHAPES10_NAME)
    recipe = RECIPES["fast"]
    options = dict(train=True, size=size, batch_size=batch_size, device=device)
    batches = recipe.batches(data, **options)
    net = build(model, 10, size).to(device, memory_format=torch.channels_last)
    fixed, each, _ = step_memory(net, batches.shape[1:])
    speed = training_speed(Step(net, recipe, device), batches, 1e-4)
    if torch.device(device).type == "cuda":
        peak = torch.cuda.max_memory_allocated(device)
    else:
        peak = timing.peak_memory()
    estimated = fixed + batch_size * each
    return {"images_per_second": speed, "peak_MB": peak and peak / 1e6, "step_MB": estimated / 1e6}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", help="cpu, cuda or mps; default: the best")
    parser.add_argument("--point", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        return print(json.dumps(measure(**json.loads(options.point))))
    device, rows = pick_device(options.device), []
    for point in tqdm(list(points()), unit="point"):
        call = [sys.executable, __file__, "--point", json.dumps(point | {"device": str(device)})]
        answer = subprocess.run(call, check=True, capture_output=True, text=True).stdout
        rows.append(point | json.loads(answer))
        tqdm.write(
            f"{point['model']:<11}{point['size']:>4} pixels, batches of {point['batch_size']:>3}, "
            f"{point['images']:>6,} images: {rows[-1]['images_per_second']:>6,.0f} images/s, "
            f"{rows[-1]['peak_MB'] or nan:>6,.0f} MB"
        )
    timing.write("growth", device, {"points": rows})


if __name__ == "__main__":
    main()
