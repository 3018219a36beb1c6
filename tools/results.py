"""Write the tables of the README, docs/results.md and docs/claims.md from results/.

`python tools/results.py` writes the lines between their marks again.
"""

import argparse
import json
from pathlib import Path

import marks

from alexnet_lib.base.text import markdown_text, plain_text
from alexnet_lib.paper.comparisons import COMPARISONS
from alexnet_lib.paper.experiments import runs_of_experiment
from alexnet_lib.paper.verdicts import verdict_summary, verdict_table
from alexnet_lib.training.run import Run

COURSE = Path(__file__).parent.parent
HEAD = """\
| net | pixels | images | epochs | seeds | test accuracy, each seed | over ten views | trained on |
|---|---|---|---|---|---|---|---|
"""
SPEED_HEAD = """\
| what, images per second | on | the usual way | the course | times faster |
|---|---|---|---|---|
"""
HOW_FAR = ("alexnet", "cifar", "best")  # experiments that ask what test accuracy a net reaches
COMPARED = {
    "norm": "LRN, forward and backward, on 96 maps of 55×55",
    "pipeline": "images brought to 227×227, cropped, mirrored, normalized",
    "training": "AlexNet in one tower trained at 227 pixels, images included",
}


def groups(course=COURSE):
    """The recorded runs that were tested, as lists of those that differ in nothing but the seed.

    Those of notebook 07, and of the experiments those that ask how far a net comes. Large images
    come first, then the nets by name, and seeds in their order.
    """
    alike = {}
    runs = [Run.read(path) for path in (course / "results").glob("*.json")]
    for name in HOW_FAR:
        for of_arm in runs_of_experiment(name, course / "results" / "claims").values():
            runs += of_arm
    for run in runs:
        if run.test:
            recipe = str({**run.recipe, "seed": None})
            key = -pixels(run), run.model, run.data, run.device, recipe
            alike.setdefault(key, []).append(run)
    return [sorted(alike[key], key=lambda run: run.seed) for key in sorted(alike)]


def pixels(run):
    """The side of the images that the net saw; 0 where it saw them as they are stored."""
    return run.recipe["size"] or 0


def table(course=COURSE):
    """The recorded runs as a table in markdown, one row per group."""
    lines = []
    for runs in groups(course):
        first = runs[0]
        size = f"{pixels(first)}×{pixels(first)}" if pixels(first) else "as stored"
        crop = first.recipe.get("crop", 1)
        size += f", crops of {100 * crop:g} % of the side" if crop < 1 else ""
        seeds = ", ".join(str(run.seed) for run in runs)
        one, ten = (accuracies(runs, key) for key in ("top1", "ten_views_top1"))
        net, data, device = map(markdown_text, (first.model, first.data, first.device))
        cells = net, size, data, len(first.epochs), seeds, one, ten, device
        lines.append("| " + " | ".join(map(str, cells)) + " |\n")
    return HEAD + "".join(lines) if lines else "No run is recorded yet.\n"


def accuracies(runs, key):
    """Test accuracies of runs in words, a dash where none was measured."""
    return ", ".join(f"{100 * run.test[key]:.1f} %" for run in runs if key in run.test) or "–"


def speed(course=COURSE):
    """What `make bench` recorded, as a table in markdown, a machine after the other."""
    lines, notes = [], []
    for found in benchmarks("speed", course):
        where = place(found["machine"])
        for name, what in COMPARED.items():
            if name not in found:
                continue
            rates = found[name]["images_per_second"]
            first, last = list(rates)[0], list(rates)[-1]
            cells = what, where, f"{rates[first]:,.0f}", f"{rates[last]:,.0f}"
            lines.append(f"| {' | '.join(cells)} | **{found[name]['ratio']:.1f}** |\n")
        if "note" in found:
            notes.append(f"\n{where}: {markdown_text(found['note'])}\n")
    table = SPEED_HEAD + "".join(lines + notes) if lines else "Nothing is timed yet.\n"
    for found in benchmarks("step", course):
        if "gflops" in found:
            rates = [f"{found['gflops'][name]:,.0f}" for name in ("convolutions", "matrix product")]
            table += (
                f"\nIn a training step the convolutions make {rates[0]} billion operations per "
                f"second; a large matrix product makes {rates[1]} ({found['type']}; "
                f"{place(found['machine'])}).\n"
            )
    for found in benchmarks("accuracy", course):
        ends = [run["seconds"] for run in found["runs"]]
        seconds = ", ".join("(never)" if end is None else f"{end:.0f}" for end in ends)
        goal = f"reaches a training error of at most {100 * found['goal']:.0f} %"
        where = f"a number for each seed; {markdown_text(found['data'])}; {place(found['machine'])}"
        model = plain_text(found["model"]).replace("`", "'")
        table += f"\n`{model}` {goal} after {seconds} seconds ({where}).\n"
    return table


def benchmarks(name, course):
    """What a benchmark recorded, a machine after the other."""
    paths = sorted((course / "results" / "benchmarks").glob(f"{name}-*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def place(machine):
    """On what a benchmark ran, in words."""
    if machine.get("gpu"):
        return markdown_text(machine["gpu"])
    kind = f" with {machine['instructions']}" if machine.get("instructions") else ""
    cores, threads = machine["cores"], machine.get("threads", machine["cores"])
    used = f"{threads} of {cores} cores" if threads < cores else f"{cores} cores"
    return markdown_text(f"{machine['processor']}{kind}, {used}")


def claims(course=COURSE):
    """What became of each of the paper's claims, as a table in markdown."""
    return verdict_table(course / "results" / "claims", tested_only=True) + "\n"


def verdicts(course=COURSE):
    """The claims by their verdicts, a line for each verdict."""
    return verdict_summary(course / "results" / "claims") + "\n"


def smallest(course=COURSE):
    """The smallest effect that would matter in each comparison, and why, as a table."""
    lines = ["| comparison | measure | the paper | smallest | why |\n", "|---|---|---|---|---|\n"]
    for one in COMPARISONS:
        numbers = [f"{number:+g}".replace("-", "−") for number in (one.paper or 0, one.smallest)]
        if one.measure.is_ratio:
            numbers = [f"{number:g} times" for number in (one.paper or 0, one.smallest)]
        numbers[0] = numbers[0] if one.paper else "–"
        decides = "" if one.decides else " (decides nothing)"
        cells = f"§ {one.words}{decides}", one.measure.label, *numbers, one.why
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


PAGES = {
    "README.md": {"verdicts": verdicts},
    "docs/results.md": {"results": table, "speed": speed},
    "docs/claims.md": {"claims": claims, "smallest": smallest},
}


def written(page, text, course=COURSE):
    """The text of one of PAGES with the tables of today. ValueError where marks are missing."""
    for name, make in PAGES[page].items():
        text = marks.fill(text, name, make(course))
    return text


def main():
    for page in PAGES:
        path = COURSE / page
        text = written(page, path.read_text("utf-8"))
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    main()
