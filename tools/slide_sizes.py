"""In which size of type something fits on a slide of 1280×720, estimated; a browser measures it.

All sizes and heights are in pixels. The smallest type has 24.
"""

import math
import re

SMALLEST = 24
TABLE_SIZES, LIST_SIZES = (32, 28, 24), (34, 30, 27, 24)
COLUMNS, LINES = 78, 12  # of output and code in the smallest type, below two lines of a sentence
HEIGHT, MOST = 510, 370  # below the heading; below a sentence of three lines
LINE, LETTER = 1.35, 0.46  # of ordinary text, in sizes of type: height and mean width
CELL_LETTER = 0.5  # wider: columns leave space unused
WIDTH, ROW_SPACE, ITEM_SPACE, NOTE = 1160, 11, 14, 50


def room_below(sentence):
    """The height that a sentence above it leaves for an exhibit."""
    return HEIGHT - 32 * LINE * math.ceil(len(sentence) * 32 * LETTER / WIDTH)


def fits_in_type(text):
    """Whether output or code fits at all."""
    lines = text.strip("\n").splitlines()
    return len(lines) <= LINES and max(map(len, lines), default=0) <= COLUMNS


def type_size(text, room):
    """The size for output or code."""
    lines = text.strip("\n").splitlines()
    by_width = SMALLEST * COLUMNS / max(map(len, lines))
    by_height = (room - 40) / LINE / len(lines)
    return max(SMALLEST, int(min(34, by_width, by_height)))


def list_size(text, room):
    """The size for a Markdown list, or for paragraphs."""
    for size in LIST_SIZES:
        in_line = (WIDTH - 50) / LETTER / size
        counts = [math.ceil(len(item) / in_line) for item in items(text)]
        if sum(counts) * LINE * size + len(counts) * ITEM_SPACE <= room - 12:
            return size
    return SMALLEST


def items(text):
    """The items of a list, or the paragraphs of a text, each as one line of what one sees."""
    parts = re.split(r"\n(?=[-*] |\d+\. )|\n\s*\n", text.strip())
    return [" ".join(visible(part).split()) for part in parts]


def visible(text):
    """Markdown without its marks and without the commands of formulas."""
    return re.sub(r"\\[a-zA-Z]+|[{}$`]|\*\*", "", text)


def table_that_fits(text, room=MOST):
    """A Markdown table's rows that a slide holds, how many are left out, and the size of type."""
    head, rule, *rows = text.splitlines()
    for size in TABLE_SIZES:
        if sum(row_heights([head, *rows], size)) <= room:
            return text, 0, size
    kept = len(rows)
    while kept and sum(row_heights([head, *rows[:kept]], size)) > room - NOTE:
        kept -= 1
    return "\n".join([head, rule, *rows[:kept]]), len(rows) - kept, size


def row_heights(lines, size):
    """The heights of a table's rows."""
    rows = [
        [visible(cell).strip() for cell in line.strip().strip("|").split("|")] for line in lines
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    room = WIDTH / CELL_LETTER / size - 2.5 * len(widths)  # letters in a line
    if sum(widths) > room:  # narrow columns keep their width, the others share what is left
        narrow = [width for width in widths if width <= room / len(widths)]
        share = (room - sum(narrow)) / (sum(widths) - sum(narrow))
        widths = [width if width in narrow else width * share for width in widths]
    counts = [
        max(1 + int(len(cell) / (width + 1)) for cell, width in zip(row, widths, strict=False))
        for row in rows
    ]
    return [ROW_SPACE + LINE * size * count for count in counts]
