"""Time to accuracy: how long until `four_layer` has a training error of 25 %.

`python benchmarks/accuracy.py --data FOLDER` trains on 45,000 images of CIFAR-10 with three seeds
and writes how long each took to results/benchmarks/accuracy-DEVICE.json. The training error is
counted during training, without any augmentation, as for the paper's Figure 1.
"""

import time

import timing
import torch
from tqdm import tqdm

from alexnet_lib.base.device import keep_freed_memory
from alexnet_lib.nets.build import build
from alexnet_lib.training.fit import fit
from alexnet_lib.training.recipe import Recipe

GOAL = 0.25
RECIPE = Recipe(
    "accuracy", epochs=6, learning_rate=0.05, weight_decay=0.0, init="he", flip=False,
    precision="mixed",
)  # fmt: skip


def main():
    keep_freed_memory()
    device, train, validation = timing.asked(__doc__)
    rows = []
    for seed in tqdm(range(3), unit="seed"):
        torch.manual_seed(seed)
        ends, began = [], time.perf_counter()
        run = fit(
            build("four-layer", len(train.classes)), train, validation,
            Recipe(**vars(RECIPE) | {"seed": seed}), device=device,
            report=lambda _, ends=ends, began=began: ends.append(time.perf_counter() - began),
        )  # fmt: skip
        errors = [epoch.train_error for epoch in run.epochs]
        done = next((number for number, error in enumerate(errors) if error <= GOAL), None)
        rows.append(
            {
                "seed": seed,
                "epochs": None if done is None else done + 1,
                "seconds": None if done is None else round(ends[done], 1),
                "training_errors": [round(error, 4) for error in errors],
            }
        )
        tqdm.write(f"seed {seed}: epoch {rows[-1]['epochs']}, {rows[-1]['seconds']} s")
    content = {"goal": GOAL, "model": "four-layer", "data": train.name, "recipe": vars(RECIPE)}
    timing.write("accuracy", device, content | {"runs": rows}, ("torch", "torchvision"))


if __name__ == "__main__":
    main()
