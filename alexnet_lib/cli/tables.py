"""Text in columns on a terminal, where a Korean or Chinese letter takes the room of two."""

from unicodedata import combining, east_asian_width

LONGEST = 12  # columns of a terminal that a class's name takes at the head of a table


def width(text):
    """How many columns of a terminal a text takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def left(text, columns):
    """The text with blanks behind it, so that it takes this many columns."""
    return text + " " * (columns - width(text))


def right(text, columns):
    """The text with blanks before it, so that it takes this many columns."""
    return " " * (columns - width(text)) + text


def confusion(matrix, classes):
    """A confusion matrix, C×C whole numbers with the true class in the row, as lines of text."""
    corner = "true \\ predicted"
    heads = [_short(name) for name in classes]
    cells = [[f"{int(count):,}" for count in row] for row in matrix]
    widths = [max(map(width, column)) for column in zip(heads, *cells, strict=True)]
    margin = max(map(width, (corner, *classes)))
    lines = [left(corner, margin), *(left(name, margin) for name in classes)]
    for number, row in enumerate([heads, *cells]):
        lines[number] += "".join("  " + right(c, w) for c, w in zip(row, widths, strict=True))
    return "\n".join(lines)


def _short(name):
    if width(name) <= LONGEST:
        return name
    while width(name) > LONGEST - 1:
        name = name[:-1]
    return name + "…"
