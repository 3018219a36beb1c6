"""Draw the course's one-page handout: sheet.pdf, which `make handout` puts into the teachers' copy.

The numbers come from the network and the recipe, the explanations from docs/glossary.md.
"""

import re

import glossary
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import TextToPath

from alexnet_lib.nets.build import layers_of
from alexnet_lib.nets.layer_table import layer_table
from alexnet_lib.nets.layers import pair
from alexnet_lib.nets.sizes import output_size
from alexnet_lib.training.recipe import RECIPES

PAGE, MARGIN = (595.28, 841.89), 40  # A4, in points of 1/72 inch
FONT = "STIXGeneral"  # comes with matplotlib, so that the page is the same on all machines
SIZE, LINE, ROW, GAP = 10, 12.1, 12.3, 17  # of text, lines, rows of the table, above headings
KINDS = ("conv", "lrn", "pool", "fc")  # the layers that have a row
TERMS = (
    "convolution", "stride", "padding", "receptive field", "rectified linear unit",
    "overlapping pooling", "fully-connected layer", "logit", "cross-entropy", "epoch", "momentum",
    "weight decay", "dropout", "augmentation", "top-5 error",
)  # fmt: skip
COLUMNS = ("layer", "kernel", "stride", "padding", "output", "parameters", "multiply-adds", "field")
RIGHT_EDGES = (None, 95, 142, 195, 280, 362, 453, 515)  # of the columns; the first is on the left
LAYERS = dict((name, layer) for name, _, layer in layers_of("paper", 1000, 3, 0))


class Sheet:
    """A page that is filled from top to bottom. Places are in points from the upper left corner."""

    def __init__(self):
        self.figure = Figure(figsize=[side / 72 for side in PAGE])
        self.y = MARGIN + 13  # the baseline of the title

    def text(self, x, words, y=None, size=SIZE, **style):
        """Writes one line, whose baseline is at `y`, by default that of the current line."""
        y = self.y if y is None else y
        place = (x / PAGE[0], 1 - y / PAGE[1])
        font = {"family": FONT, "math_fontfamily": "stix", "size": size}
        self.figure.text(*place, words, va="baseline", **font, **style)

    def heading(self, words):
        self.y += GAP
        self.text(MARGIN, words, size=12, weight="bold")
        self.y += 3.5
        self.rule()
        self.y += LINE + 1.5

    def rule(self):
        ends, height = (MARGIN / PAGE[0], 1 - MARGIN / PAGE[0]), 1 - self.y / PAGE[1]
        self.figure.add_artist(Line2D(ends, (height, height), color="0.4", linewidth=0.6))

    def paragraph(self, words, x=MARGIN):
        """Writes words between `x` and the right margin, in as many lines as they need."""
        for part in wrapped(words, PAGE[0] - MARGIN - x):
            self.text(x, part)
            self.y += LINE


def wrapped(words, width):
    """The words in lines of at most so many points, in the size of the text."""
    font, measure = FontProperties(family=FONT, size=SIZE), TextToPath()
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        fits = measure.get_text_width_height_descent(longer, font, ismath=False)[0] <= width
        lines[-1:] = [longer] if fits or not lines[-1] else [lines[-1], word]
    return lines


def explanations(course=glossary.COURSE):
    """{term: the first sentence of its explanation in the glossary}, for each of TERMS."""
    entries = glossary.entries(course)
    return {term: re.split(r"(?<=[.])\s", entries[term][2])[0] for term in TERMS}


def table():
    """The rows of the table of layers: a tuple of words for each, in the order of COLUMNS."""
    rows = [row for row in layer_table("paper", 227) if row.kind in KINDS]
    return [
        (
            row.name,
            *_window(LAYERS[row.name]),
            " × ".join(map(str, row.shape)),
            f"{row.parameters:,}" if row.parameters else "",
            f"{row.macs:,}" if row.macs else "",
            f"{row.receptive_field}",
        )
        for row in rows
    ]


def totals():
    """The last row: all parameters and multiply-adds."""
    rows = layer_table("paper", 227)
    sums = [f"{sum(getattr(row, field) for row in rows):,}" for field in ("parameters", "macs")]
    return ("all", "", "", "", "", *sums, "")


def _window(layer):
    """Kernel, stride and padding of a layer in words; "" for a layer without a window."""
    if not hasattr(layer, "kernel_size"):
        return "", "", ""
    kernel, stride, padding = (
        pair(value)[0] for value in (layer.kernel_size, layer.stride, layer.padding)
    )
    return f"{kernel} × {kernel}", f"{stride}", f"{padding}"


def size_example(name, size):
    """The output size of a layer for an input of `size` pixels, worked out in a formula."""
    kernel, stride, padding = map(int, (words.split(" ")[0] for words in _window(LAYERS[name])))
    fraction = rf"\dfrac{{{size} + 2 \cdot {padding} - {kernel}}}{{{stride}}}"
    room, output = size + 2 * padding - kernel, output_size(size, kernel, stride, padding)
    return (
        rf"$\left\lfloor {fraction} \right\rfloor + 1"
        rf" = \lfloor {room / stride:g} \rfloor + 1 = {output}$"
    )


def lrn_formula():
    """The formula of section 3.3, and its numbers as the network has them."""
    lrn = LAYERS["lrn1"]
    formula = (
        r"$b^{\,i}_{x,y} = a^{\,i}_{x,y} \;/\; \left( k + \alpha "
        r"\sum_{j=\max(0,\,i-n/2)}^{\min(N-1,\,i+n/2)} "
        r"\left(a^{\,j}_{x,y}\right)^2 \right)^{\beta}$"
    )
    numbers = (
        rf"$n = {lrn.size}, \; k = {lrn.k:g}, \; \alpha = {lrn.alpha:.4f}, \; \beta = {lrn.beta}$"
    )
    return formula, numbers


def recipe():
    """What section 5 sets, with its numbers: {name: number}."""
    paper = RECIPES["paper"]
    return {
        "learning rate": f"{paper.learning_rate:g}",
        "momentum": f"{paper.momentum:g}",
        "weight decay": f"{paper.weight_decay:g}",
        "dropout": f"{LAYERS['dropout6'].p:g}",
        "images per batch": f"{paper.batch_size}",
        "epochs": f"{paper.epochs}",
    }


def step_formula():
    """The update of a weight in section 5."""
    paper = RECIPES["paper"]
    return (
        rf"$v_{{i+1}} = {paper.momentum:g}\, v_i - {paper.weight_decay:g}\, \epsilon\, w_i"
        r" - \epsilon \left\langle \partial L / \partial w \right\rangle_i \qquad"
        r" w_{i+1} = w_i + v_{i+1}$"
    )


def draw():
    """The page as a matplotlib figure."""
    sheet = Sheet()
    sheet.text(MARGIN, "AlexNet on one page", size=19, weight="bold")
    sheet.text(PAGE[0] - MARGIN, "Krizhevsky, Sutskever and Hinton, 2012", ha="right")
    sheet.y += 4
    for section in (_sizes, _layers, _normalization, _training, _terms):
        section(sheet)
    return sheet.figure


def _sizes(sheet):
    sheet.heading("Output size of a convolution or pooling")
    formula = (
        r"$\mathrm{output} = \left\lfloor \dfrac{\mathrm{input} + 2 \cdot \mathrm{padding}"
        r" - \mathrm{kernel}}{\mathrm{stride}} \right\rfloor + 1$"
    )
    sheet.y += 8
    sheet.text(MARGIN, formula, size=11)
    sheet.text(300, "All sizes are sides in pixels; the dilation is 1.", sheet.y - 7)
    sheet.text(300, "⌊ ⌋ rounds down: a last, partial step is dropped.", sheet.y + 6)
    sheet.y += 33
    for x, name, size in ((MARGIN, "conv1", 227), (300, "conv1", 224)):
        sheet.text(x, f"{name}, {size} pixels:")
        sheet.text(x + 82, size_example(name, size))
    sheet.y += 9


def _layers(sheet):
    sheet.heading("The layers, for an image of 3 × 227 × 227 pixels")
    edges = [edge and MARGIN + edge for edge in RIGHT_EDGES]
    for words, weight in ((COLUMNS, "bold"), *((row, "normal") for row in table())):
        _row(sheet, edges, words, weight)
    sheet.y -= ROW - 4
    sheet.rule()
    sheet.y += ROW - 1
    _row(sheet, edges, totals(), "bold")
    towers = [name for name, layer in LAYERS.items() if getattr(layer, "groups", 1) == 2]
    sheet.paragraph(
        "Output: channels × height × width. Field: side of the receptive field in pixels. "
        f"A ReLU follows each convolution, fc6 and fc7. {', '.join(towers[:-1])} and {towers[-1]} "
        "are convolutions in two groups."
    )
    sheet.y -= LINE


def _row(sheet, edges, words, weight):
    for edge, word in zip(edges, words, strict=True):
        where = {"x": MARGIN} if edge is None else {"x": edge, "ha": "right"}
        sheet.text(words=word, weight=weight, **where)
    sheet.y += ROW


def _normalization(sheet):
    sheet.heading("Local response normalization (section 3.3)")
    formula, numbers = lrn_formula()
    sheet.y += 12
    sheet.text(MARGIN, formula, size=13)
    about = (
        numbers,
        "$a$: activation in map $i$ of $N$, at the place $x, y$; $b$: output",
        r"torch and the 2012 code use $\alpha / n$ instead of $\alpha$",
    )
    for number, words in enumerate(about):
        sheet.text(300, words, sheet.y + LINE * (number - 1))
    sheet.y += 16


def _training(sheet):
    sheet.heading("How the paper trained it (section 5)")
    for column, (name, number) in enumerate(recipe().items()):
        x = MARGIN + column * 85
        sheet.text(x, name)
        sheet.text(x, number, sheet.y + 14, size=12, weight="bold")
    sheet.y += 31
    sheet.paragraph(
        "The learning rate is divided by 10 when the validation error stops improving, three times."
    )
    sheet.text(
        MARGIN,
        r"The step $v$ of a weight $w$, with the learning rate $\epsilon$ and the gradient "
        r"$\langle \partial L / \partial w \rangle$, averaged over a batch:",
    )
    sheet.y += 18
    sheet.text(MARGIN, step_formula(), size=11)


def _terms(sheet):
    sheet.heading("Terms")
    for term, words in explanations().items():
        sheet.text(MARGIN, term, weight="bold")
        sheet.paragraph(words, MARGIN + 106)


def write(path):
    """Writes the page as a PDF file, in which text can be searched."""
    with rc_context({"pdf.fonttype": 42}):
        draw().savefig(path, format="pdf", metadata={"Title": "AlexNet on one page"})
