"""What commands print and draw: tables as text for a terminal, figures as files."""

from pathlib import Path
from textwrap import fill

from tabulate import tabulate

from alexnet_lib.base.files import write_atomically
from alexnet_lib.base.text import plain_lines, plain_text

LONGEST = 12  # letters of a class name at the head of a column; longer names are wrapped


def text_table(rows):
    """Rows of text, the heads first, in columns: the first one flush left, the others flush right.

    Korean and Chinese letters take two columns of a terminal each. `tabulate` knows that where
    `wcwidth` is installed, which requirements.txt takes care of. Codes in the text, such as those
    that a terminal obeys, are shown as their numbers.
    """
    heads, *others = rows
    rows = [map(plain_lines, heads), *([plain_text(cell) for cell in row] for row in others)]
    alignment = ["left", *["right"] * (len(heads) - 1)]
    return tabulate(rows, tablefmt="plain", disable_numparse=True, colalign=alignment)


def confusion_table(matrix, classes):
    """A confusion matrix, (C, C) whole numbers, with the true class in the row."""
    classes = [plain_text(name) for name in classes]
    heads = ("true \\ predicted", *(fill(name, LONGEST) for name in classes))
    counts = [[f"{int(count):,}" for count in row] for row in matrix]
    return text_table([heads, *([name, *row] for name, row in zip(classes, counts, strict=True))])


def save_figure(figure, file):
    """Writes a matplotlib figure into a file, completely or not at all, and closes it.

    Raises OSError where the disk is full or the folder cannot be written.
    """
    import matplotlib.pyplot as plt

    kind = Path(file).suffix[1:].lower()
    write_atomically(file, lambda opened: figure.savefig(opened, format=kind))
    plt.close(figure)


def draw_curves(run, folder):
    """Draws the curves of a run into curves.png in its folder."""
    from alexnet_lib.figures.curves import plot_curves
    from alexnet_lib.figures.style import use_style

    use_style()
    save_figure(plot_curves(run, f"{run.model} on {run.data}"), folder / "curves.png")
