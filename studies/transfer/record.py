"""Record the runs of notebook 09: an ensemble of three seeds, and transfer to two new classes.

`python -m studies.transfer.record nets --data FOLDER` trains three four-layer networks on eight
classes of CIFAR-10, all but cats and dogs, and measures them alone, as an ensemble and over ten
views. `... transfer` then trains on a few images of cats and dogs: from scratch, with the trained
convolutions frozen, and fine-tuned. Each takes less than ten minutes on one core. What is recorded
in results/transfer/ is not trained again.
"""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from alexnet_lib.base.device import keep_freed_memory, pick_device
from alexnet_lib.data.image_set import subset
from alexnet_lib.data.load import SPLITS, load
from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, read_checkpoint, save_checkpoint
from alexnet_lib.training.evaluate import probabilities
from alexnet_lib.training.fit import fit
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.pretrained import load_pretrained
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.recording import record_test
from alexnet_lib.training.shipped import only_for_use

OUT = Path(__file__).parents[2] / "results" / "transfer"
NEW, SEEDS = ("cat", "dog"), (0, 1, 2)
IMAGES, TESTED = 18_000, {"nets": 2_000, "transfer": 1_000}
EIGHT = Recipe(
    "eight classes", epochs=4, batch_size=64, learning_rate=0.021, init="he", pad=2,
    precision="mixed",
)  # fmt: skip
# Every run on the new classes takes 120 steps, however few its images are.
COUNTS, STEPS, BATCH = (20, 80, 320, 960), 120, 32
FEW = replace(EIGHT, name="few images", epochs=4, batch_size=BATCH)
WAYS = {"from scratch": {}, "frozen": {"init": None, "freeze": ("features",)},
        "fine-tuned": {"init": None}}  # fmt: skip
RATES, TRIED = (0.003, 0.01, 0.03), 320  # the rates that are tried, with so many images


def net_path(out, seed):
    """The file with the network of a seed that was trained on eight classes."""
    return Path(out) / f"eight-classes-seed{seed}.pt"


def record_net(seed, data, out, device):
    """Trains on the old classes and writes the run, and the weights in 16 bits.

    The checkpoint says that its images are those of CIFAR-10, whatever folder they came from.
    """
    classes = data["train"].classes
    recipe, net = replace(EIGHT, seed=seed), {"name": "four-layer", "num_classes": len(classes)}
    model, work = build(**net), Path(out) / f"work-{seed}"
    checkpoints = Checkpoints(work, net, {"source": "cifar10", "classes": list(classes)})
    options = dict(device=device, checkpoints=checkpoints)
    run = fit(model, data["train"], data["validation"], recipe, **options)
    content = read_checkpoint(work)
    prepared = dict(statistics=content["statistics"], device=device)
    record_test(run, model, recipe.batches(data["test"], **prepared))
    used = only_for_use(content | {"run": run.as_dict()})
    used["statistics"] = tuple(content["statistics"])
    save_checkpoint(net_path(out, seed), **used)
    run.write(net_path(out, seed).with_suffix(".json"))
    shutil.rmtree(work)


def ensemble(images, out, device):
    """The accuracies of the nets alone and averaged, over one view and over ten."""
    found = {"data": images.name, "images": len(images), "single": {}, "ten views": {}}
    for words in ("single", "ten views"):
        tables = []
        for seed in SEEDS:
            net = Predictor.read(net_path(out, seed), device)
            tables.append(
                probabilities(net.model, net.batches(images, ten_views=words != "single"))
            )
        named = {f"seed {seed}": table for seed, table in zip(SEEDS, tables, strict=True)}
        named["ensemble"] = torch.stack(tables).mean(0)
        for name, table in named.items():
            right = (table.argmax(1) == images.labels).sum().item()
            found[words][name] = right / len(images)
    return found


def balanced(data, count, seed):
    """`count` of the images, equally many of each class, drawn with the seed."""
    draws = torch.Generator().manual_seed(seed)
    each = count // len(data.classes)
    places = [(data.labels == label).nonzero().flatten() for label in range(len(data.classes))]
    drawn = [place[torch.randperm(len(place), generator=draws)[:each]] for place in places]
    return data.select(torch.cat(drawn))


def transfer(way, count, seed, rate, data, out, device):
    """One run on `count` images of the new classes, and its network and batches to test with."""
    recipe = replace(FEW, learning_rate=rate, seed=seed, **WAYS[way])
    few = balanced(data["train"], count, seed)
    repeats = STEPS * BATCH // recipe.epochs // count  # an epoch shows each image so many times
    repeated = few.select(torch.arange(count).repeat(repeats))
    torch.manual_seed(seed)
    model = build("four-layer", len(few.classes))
    source = Predictor.read(net_path(out, seed), device)
    if way != "from scratch":
        load_pretrained(model, net_path(out, seed))
        with torch.no_grad():  # the last layer: zeros favor no class
            model.classifier.fc4.weight.zero_()
            model.classifier.fc4.bias.zero_()
    options = dict(statistics=source.statistics, device=device)
    validation, test = (recipe.batches(data[name], **options) for name in ("validation", "test"))
    train = recipe.batches(repeated, train=True, **options)
    run = fit(model, train, validation, recipe, device=device)
    run.images["train"] = count
    return run, model, test


def tried_rates(data, out, device):
    """The validation accuracy of each way at each rate, with the first seed: {way: {rate: …}}."""
    found = {}
    for way in WAYS:
        found[way] = {}
        for rate in RATES:
            run, *_ = transfer(way, TRIED, SEEDS[0], rate, data, out, device)
            found[way][str(rate)] = run.final("validation_top1")
            tqdm.write(f"{way}, rate {rate}: {found[way][str(rate)]:.3f}")
    return found


def write_json(path, content):
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=("nets", "transfer"))
    parser.add_argument("--data", default="cifar10", help="as `train` takes it; default: cifar10")
    parser.add_argument("--out", type=Path, default=OUT, help="default: results/transfer")
    parser.add_argument("--device", help="cpu, cuda or mps; default: the best")
    options = parser.parse_args(arguments)
    out, device = options.out, pick_device(options.device)
    out.mkdir(parents=True, exist_ok=True)
    keep_freed_memory()
    whole = {split: load(options.data, split) for split in SPLITS}
    old = [name for name in whole["train"].classes if name not in NEW]
    data = {split: images.only(old if options.part == "nets" else NEW)
            for split, images in whole.items()}  # fmt: skip
    data["test"] = subset(data["test"], TESTED[options.part])
    if options.part == "nets":
        data["train"] = subset(data["train"], IMAGES)
        for seed in tqdm([s for s in SEEDS if not net_path(out, s).exists()], unit="net"):
            record_net(seed, data, out, device)
        return write_json(out / "ensemble.json", ensemble(data["test"], out, device))
    rates = out / "rates.json"
    if not rates.exists():
        write_json(rates, tried_rates(data, out, device))
    tried = json.loads(rates.read_text("utf-8"))
    best = {way: float(max(found, key=found.get)) for way, found in tried.items()}
    for seed, count, way in tqdm([(s, c, w) for s in SEEDS for c in COUNTS for w in WAYS]):
        path = out / f"{way.replace(' ', '-')}-{count}-seed{seed}.json"
        if not path.exists():
            run, model, test = transfer(way, count, seed, best[way], data, out, device)
            record_test(run, model, test)
            run.write(path)


if __name__ == "__main__":
    main()
