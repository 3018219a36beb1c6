"""Draw the figures in images/ again: what `make figures` calls.

`python tools/figures.py [NAME ...]`: all, or those that are named, such as five.png.
Each of FIGURES is the numbers that a figure shows, from the library or the recorded runs, and the
function that draws them. A figure's file carries a hash of its numbers, so that a test finds one
that is out of date.
"""

import argparse
import hashlib
from math import prod

import matplotlib
import matplotlib.pyplot as plt
import torch
from benchmark_figures import draw_growth, draw_steps, growth, steps
from parallel_figures import crossings, draw_crossings
from PIL import Image

import results
from alexnet_lib.data.shapes10 import draw_shapes10
from alexnet_lib.figures import net_diagram, windows
from alexnet_lib.figures.augmentation import augmented_views, example_image
from alexnet_lib.figures.claims_chart import claim_results, claims_chart
from alexnet_lib.figures.curves import plot_curves
from alexnet_lib.figures.images import image_rows
from alexnet_lib.figures.lrn_response import draw_lrn_response
from alexnet_lib.figures.style import use_style
from alexnet_lib.nets.build import layers_of
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.sizes import output_size
from alexnet_lib.paper.arms import OWN_SIZE
from alexnet_lib.paper.claims import CHALLENGE
from alexnet_lib.paper.experiments import runs_of_experiment

IMAGES = results.COURSE / "images"


def weight_layers():
    """The rows of the paper's eight layers with weights."""
    return [row for row in layer_table("paper") if row.parameters]


def draw_alexnet(rows):
    """AlexNet's layers to scale, and below them where its parameters and its arithmetic are."""
    picture = draw_shapes10(60, seed=4)[0][9]
    fig, (top, *below) = plt.subplots(3, 1, figsize=(12, 5.8), height_ratios=(3.4, 1, 1))
    places = net_diagram.network_boxes(top, "paper", image=picture)
    fields = {"parameters": "parameters", "macs": "multiply-adds"}
    for ax, (field, words) in zip(below, fields.items(), strict=True):
        numbers = {row.name: getattr(row, field) for row in rows}
        total = sum(numbers.values())
        for name, number in numbers.items():
            share, color = 100 * number / total, "C1" if name.startswith("fc") else "C0"
            ax.bar(places[name], share, width=52, color=color)
            ax.text(places[name], share + 2, f"{share:.1f} %", ha="center", va="bottom")
        words = f"of all {total / 1e6:.0f} million\n{words}"
        ax.text(places["image"], 0, words, ha="center", va="bottom")
        ax.plot(top.get_xlim(), (0, 0), color="0.6", linewidth=1)
        ax.set(xlim=top.get_xlim(), ylim=(-1, 80))
        ax.axis("off")
    fig.tight_layout(pad=0.3)
    return fig


def alexnet_runs():
    """The recorded runs of AlexNet at 227 pixels: {arm: runs}; empty where there are none."""
    arms = runs_of_experiment("alexnet").items()
    return {arm.split(",")[0].replace("-", " "): runs for arm, runs in arms if runs}


def smaller_runs():
    """The other recorded runs on CIFAR-10: {net and size: runs}; empty where there are none."""
    named = {}
    for runs in results.groups():
        side = results.pixels(runs[0])
        if not runs[0].data.startswith("CIFAR-10") or side == OWN_SIZE.size:
            continue
        name = f"{runs[0].model} at {side} pixels" if side else runs[0].model
        named.setdefault(name, []).extend(runs)
    return named


def augmentations():
    """What is done to an image: {name: options of `Batches`}."""
    each = {"shifted": {"pad": 4}, "mirrored": {"flip": True}, "recolored": {"color": 0.1}}
    return each | {"all three": each["shifted"] | each["mirrored"] | each["recolored"]}


def draw_augmentations(options):
    """An image of Shapes10 as it is stored, and as nine epochs see it: one row per way."""
    image, statistics = example_image()
    named = {
        name: torch.cat([image[None], augmented_views(image, statistics, 9, seed=6, **some)])
        for name, some in options.items()
    }
    return image_rows(named, ["stored", *(f"epoch {number}" for number in range(1, 10))])


def challenge():
    """The errors that the paper reports from the ImageNet challenges."""
    return CHALLENGE


def draw_ilsvrc(errors):
    """The top-5 errors of two years of the ImageNet challenge, a panel each."""
    fig, axes = plt.subplots(1, 2, figsize=(11.5, 3.6), layout="constrained", sharex=True)
    fig.get_layout_engine().set(wspace=0.08)
    for ax, year in zip(axes, (2010, 2012), strict=True):
        rows = [row for row in errors if row.year == year]
        notes = [" (validation)" if row.images == "validation" else "" for row in rows]
        names = [row.entry + note for row, note in zip(rows, notes, strict=True)]
        deep = ["AlexNet" in row.entry for row in rows]
        bars = ax.barh(names, [row.top5 for row in rows], height=0.65, edgecolor="white")
        for bar, is_deep in zip(bars, deep, strict=True):
            bar.set(facecolor="C1" if is_deep else "0.72", hatch="" if is_deep else "//")
        ax.bar_label(bars, [f"{row.top5:.1f} %" for row in rows], padding=4)
        ax.set(xlim=(0, 36), xlabel="top-5 error in %", title=f"ILSVRC-{year}")
        ax.grid(axis="y", visible=False)
        ax.invert_yaxis()
    return fig


def draw_inhibition(numbers):
    """Local response normalization, before and after, on a row of channels."""
    fig = plt.figure(figsize=(11, 5.2))
    draw_lrn_response(fig, **numbers)
    return fig


def last_windows():
    """How many windows conv1 has, by the image's side and by how a last part of a step counts."""
    counts = {}
    for size in (224, 227):
        for ceil_mode in (False, True):
            counts[size, ceil_mode] = output_size(size, 11, stride=4, ceil_mode=ceil_mode)
    return counts


def draw_last_windows(counts):
    """The right ends of the last windows of conv1 on images of 224 and of 227 pixels."""
    fig, axes = plt.subplots(2, 1, figsize=(12, 4.8), sharex=True)
    floor, up = counts[224, False], counts[224, True]
    words = {
        224: f"224 pixels: three are missing for window 55.\nFloor: {floor} windows. Ceil: {up}.",
        227: f"227 pixels: window 55 ends at the edge.\nFloor and ceil: {counts[227, False]}.",
    }
    for ax, (size, sentence) in zip(axes, words.items(), strict=True):
        windows.staircase(ax, size, 11, stride=4, ceil_mode=True)
        ax.set(xlim=(192.5, 228), ylim=(55.5, 51.5), ylabel="window", xlabel="")
        ax.set(xticks=range(193, 228, 2), yticks=range(52, 56))
        box = dict(facecolor="white", edgecolor="none")
        ax.text(193, 54, sentence, va="center", fontsize=15, linespacing=1.6, bbox=box)
    axes[0].text(226, 55, "?", ha="center", va="center", fontsize=20, weight="bold")
    axes[1].set_xlabel("pixel of the row, at the right edge of the image")
    fig.tight_layout(pad=0.5)
    return fig


def tower_blocks():
    """The paper's eight blocks: the outputs of a tower's half, and what each of its units sees."""
    shape = {row.name: row.shape for row in layer_table("paper")}
    lrn, dropout = "ReLU\nLRN", "ReLU\ndropout"
    after = {"1": lrn, "2": lrn, "6": dropout, "7": dropout, "8": "logits"}
    blocks, inputs = [], 3
    for name, kind, layer in layers_of("paper", 1000, 3, 0):
        if kind not in ("conv", "fc"):
            continue
        number, (channels, *sides) = name[-1], shape[name]
        pooled = shape.get(f"pool{number}") if kind == "conv" else None
        half = channels if number == "8" else channels // 2
        lines = [f"{sides[0]}×{sides[0]}", f"× {half}"] if sides else [f"{half}"]
        lines.append(after.get(number, "ReLU"))
        if pooled:
            lines += ["pool", f"{pooled[1]}×{pooled[1]}"]
        blocks.append((name, lines, inputs, getattr(layer, "groups", 1)))
        inputs = prod(pooled) if number == "5" else channels
    return blocks


def draw_towers(blocks):
    """AlexNet's blocks in two rows, one for each GPU; arrows say what each one sees."""
    fig, ax = plt.subplots(figsize=(12, 4.75))
    ax.imshow(draw_shapes10(60, seed=4)[0][9].transpose(1, 2, 0), extent=(0.24, 0.84, 2.6, 3.2))
    ax.text(0.54, 0.74, "a unit\nsees", ha="center", va="top")
    for y, name in ((4.1, "GPU 1"), (1.7, "GPU 2")):
        ax.axhspan(y - 0.9, y + 0.9, color="0.94", linewidth=0)
        ax.text(0.54, y, name, ha="center", va="center", fontsize=14)
    right, starts = 1, (2.9,)
    for name, lines, inputs, groups in blocks:
        conv, ends = name.startswith("conv"), (2.9,) if name == "fc8" else (4.1, 1.7)
        mixes = groups == 1 and name != "conv1"
        left, width = right + (0.62 if mixes else 0.26), 1.0 if conv else 0.9
        look = dict(arrowstyle="-|>", linewidth=2, shrinkA=0, shrinkB=0)
        look["color"] = "C2" if mixes else "0.35"
        for start in starts:
            for end in (start,) if groups == 2 else ends:
                ax.annotate("", (left, end), (right, start), arrowprops=look)
        for y in ends:
            box = plt.Rectangle((left, y - 0.85), width, 1.7, edgecolor="0.2")
            box.set_facecolor("#bcd9f5" if conv else "#ffd894")
            ax.add_patch(box)
            ax.text(left + width / 2, y + 0.8, name, ha="center", va="top", weight="bold")
            ax.text(left + width / 2, y + 0.54, "\n".join(lines), ha="center", va="top")
        sees = f"its own\n{inputs // 2}" if groups == 2 else f"all\n{inputs:,}"
        ax.text(left + width / 2, 0.74, sees, ha="center", va="top", color="C2" if mixes else "0.2")
        right, starts = left + width, ends
    ax.set(xlim=(0, right + 0.05), ylim=(0.22, 5.05))
    ax.axis("off")
    fig.subplots_adjust(0, 0, 1, 1)
    return fig


def signal_by_layer():
    """The standard deviation of AlexNet's outputs by layer, by arithmetic, for five starts.

    {name: [conv1 … fc8]}, for inputs of variance 1 and biases 0: a layer multiplies the mean square
    of its inputs by fan-in times the variance of its weights, and a ReLU halves it.
    """
    variances = {
        "He": lambda row, fan_in, fan_out: 2 / fan_in,
        "Xavier": lambda row, fan_in, fan_out: 2 / (fan_in + fan_out),
        "2012 code": lambda row, *_: (
            0.03**2 if row.name in ("conv3", "conv4", "conv5") else 0.01**2
        ),
        "torch's default": lambda row, fan_in, fan_out: 1 / (3 * fan_in),
        "the paper's 0.01": lambda *_: 0.01**2,
    }
    areas = {"conv1": 121, "conv2": 25, "conv3": 9, "conv4": 9, "conv5": 9}
    lines = {}
    for name, variance in variances.items():
        mean_square, lines[name] = 1.0, []
        for row in weight_layers():
            fan_in = row.parameters // row.shape[0] - 1
            fan_out = row.shape[0] * areas.get(row.name, 1)
            mean_square *= fan_in * variance(row, fan_in, fan_out)
            lines[name].append(float(f"{mean_square**0.5:.3g}"))
            mean_square /= 2
    return lines


def draw_signal(lines):
    """How a signal dies, or does not, on its way through AlexNet, for five initializations."""
    fig, ax = plt.subplots(figsize=(11, 4.8))
    names = [row.name for row in weight_layers()]
    for number, (name, values) in enumerate(lines.items()):
        ax.semilogy(names, values, "os^Dv"[number] + "-", color=f"C{number}")
        words = f"{name}: {values[-1]:.2g}"
        ax.text(7.15, values[-1], words, va="center", fontsize=14)
    ax.set_xlim(-0.3, 9.7)
    ax.set_title("Standard deviation of the outputs, layer by layer (log scale, by arithmetic)")
    fig.tight_layout(pad=0.5)
    return fig


# Where notebook 10's five nets have findings, which the reader is to guess: (net, field).
FINDINGS = (
    ("000", "weights"),
    ("001", "code"),
    ("001", "avgpool"),
    ("001", "norm"),
    ("002", "conv4"),
    ("002", "conv5"),
    ("002", "weights"),
    ("003", "training"),
    ("004", "training"),
    ("004", "test"),
)


def five_nets():
    """The sides of the maps of five AlexNets from the web by layer, and where each has findings."""
    sides = {}
    for name, size, padding in (("000", 224, 2), ("001", 227, 0), ("002", 227, 0), ("003", 227, 0)):
        rows = {row.name: row.shape for row in layer_table("one-tower", size, 10, padding=padding)}
        sides[name] = {layer: rows[layer][-1] for layer in rows if layer[:4] in ("conv", "avgp")}
    return sides | {"004": sides["003"]}, FINDINGS


def draw_five_nets(numbers):
    """Five nets as rows of fields, from the code to the test; those with findings stand out."""
    sides, findings = numbers
    fields = ["code", *sides["000"], "norm", "weights", "training", "test"]
    fig, ax = plt.subplots(figsize=(11.6, 4.4))
    for y, name in enumerate(sides):
        for x, field in enumerate(fields):
            found = (name, field) in findings
            look = dict(facecolor="#ffb347", hatch="//", edgecolor="#d98200") if found else {}
            box = dict(facecolor="0.93", edgecolor="white", linewidth=2) | look
            ax.add_patch(plt.Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, **box))
            words = "?" if found else str(sides[name].get(field, "·"))
            plain = dict(facecolor="#ffb347", edgecolor="none", pad=1) if found else None
            look = dict(weight="bold", bbox=plain) if found else dict(color="0.45")
            ax.text(x, y, words, ha="center", va="center", fontsize=13, linespacing=1.05, **look)
    ax.set(xlim=(-0.5, len(fields) - 0.5), ylim=(len(sides) - 0.5, -0.5))
    ax.set_xticks(range(len(fields)), fields, fontsize=13)
    ax.set_yticks(range(len(sides)), sides, fontsize=14)
    ax.tick_params(length=0, labeltop=True, labelbottom=False)
    ax.spines[:].set_visible(False)
    ax.grid(False)
    fig.tight_layout(pad=0.4)
    return fig


def rounded_results():
    """What the claims' comparisons found, to four digits: more differ between processors."""
    found = []
    for result in claim_results():
        *ends, values = result.found
        numbers = [round(end, 4) for end in ends], tuple(round(value, 4) for value in values)
        rounded = result.found._make([*numbers[0], numbers[1]])
        found.append(result._replace(found=rounded, before=(), after=(), run=None))
    return found


FIGURES = {
    "alexnet.png": (weight_layers, draw_alexnet),
    "alexnet_curves.png": (alexnet_runs, plot_curves),
    "augmentation.png": (augmentations, draw_augmentations),
    "claims.png": (rounded_results, claims_chart),
    "curves.png": (smaller_runs, plot_curves),
    "five.png": (five_nets, draw_five_nets),
    "growth.png": (growth, draw_growth),
    "last_windows.png": (last_windows, draw_last_windows),
    "ilsvrc.png": (challenge, draw_ilsvrc),
    "step.png": (steps, draw_steps),
    "two_gpus.png": (crossings, draw_crossings),
    "towers.png": (tower_blocks, draw_towers),
    "inhibition.png": (lambda: dict(n=5, alpha=1e-4, beta=0.75, k=2.0), draw_inhibition),
    "initialization.png": (signal_by_layer, draw_signal),
}


def drawable():
    """The names of FIGURES that there are numbers for."""
    return [name for name, (numbers, _) in FIGURES.items() if numbers()]


def digest(name):
    """A hash of the numbers that a figure is to show."""
    return hashlib.sha256(repr(FIGURES[name][0]()).encode()).hexdigest()[:16]


def stored_digest(path):
    """The hash that a figure's file carries; None where it has none."""
    with Image.open(path) as picture:
        return picture.info.get("Comment")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as five.png; default: all")
    names = parser.parse_args().names or drawable()
    if unknown := set(names) - set(drawable()):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(drawable())}")
    matplotlib.use("Agg")
    use_style()
    IMAGES.mkdir(exist_ok=True)
    for name in names:
        numbers, draw = FIGURES[name]
        metadata = {"Comment": digest(name), "Software": None}
        draw(numbers()).savefig(IMAGES / name, dpi=100, metadata=metadata)
        print(f"images/{name}")


if __name__ == "__main__":
    main()
