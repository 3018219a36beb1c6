"""Write the README's table of results from the recorded runs in results/.

`python tools/results.py` writes the lines between the README's two `results` marks anew.
"""

import re
from pathlib import Path

from alexnet_lib.runs import Run

COURSE = Path(__file__).parent.parent
MARKS = re.compile(r"(<!-- results -->\n).*?(<!-- /results -->)", re.DOTALL)
HEAD = """\
| net | pixels | images | epochs | seeds | test accuracy, each seed | trained on |
|---|---|---|---|---|---|---|
"""


def groups(course=COURSE):
    """The recorded runs that were tested, as lists of those that differ in nothing but the seed.

    Small nets and pictures come first, seeds in their order.
    """
    alike = {}
    for path in (course / "results").glob("*.json"):
        run = Run.read(path)
        if run.test:
            recipe = str({**run.recipe, "seed": None})
            key = pixels(run), run.model, run.data, run.device, recipe
            alike.setdefault(key, []).append(run)
    return [sorted(alike[key], key=lambda run: run.recipe["seed"]) for key in sorted(alike)]


def pixels(run):
    """The side of the pictures that the net saw; 0 where it saw them as they are stored."""
    return run.recipe["size"] or 0


def table(course=COURSE):
    """The recorded runs as a table in markdown, one row a group."""
    lines = []
    for runs in groups(course):
        first = runs[0]
        size = f"{pixels(first)}×{pixels(first)}" if pixels(first) else "as stored"
        seeds = ", ".join(str(run.recipe["seed"]) for run in runs)
        accuracies = ", ".join(f"{100 * run.test['top1']:.1f} %" for run in runs)
        cells = first.model, size, first.data, len(first.epochs), seeds, accuracies, first.device
        lines.append("| " + " | ".join(map(str, cells)) + " |\n")
    return HEAD + "".join(lines) if lines else "No run is recorded yet.\n"


def written(text, course=COURSE):
    """The README's text with the table of today. ValueError where the marks are missing."""
    if not MARKS.search(text):
        raise ValueError("README.md: the lines <!-- results --> and <!-- /results --> are missing")
    return MARKS.sub(lambda marks: marks[1] + table(course) + marks[2], text)


def main():
    readme = COURSE / "README.md"
    readme.write_text(written(readme.read_text("utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
