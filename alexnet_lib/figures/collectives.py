"""What several processes hold before and after an operation in which all of them take part."""

import matplotlib.pyplot as plt

FIRST, SECOND = (3, 1, 4, 1), (5, 9, 2, 6)  # the numbers of rank 0 and of rank 1
OF_RANK = ("#bcd9f5", ""), ("#ffd894", "///")  # color and hatch of what comes from each


def collectives_figure():
    """All-reduce and all-gather on two processes, as rows of numbers: (figure, alt text)."""
    fig, ax = plt.subplots(figsize=(12, 1.95))
    total = tuple(a + b for a, b in zip(FIRST, SECOND, strict=True))
    both = FIRST[:2] + SECOND[:2]
    right = _operation(ax, 0.0, "all-reduce (here: sum)", (FIRST, SECOND), total)
    right = _operation(ax, right + 2.6, "all-gather", (FIRST[:2], SECOND[:2]), both)
    ax.set(xlim=(-1.7, right), ylim=(-0.1, 2.85), aspect="equal")
    ax.axis("off")
    fig.subplots_adjust(0, 0, 1, 1)
    words = "{}: rank 0 has {}, rank 1 has {}; then both have {}.".format
    reduced = words("All-reduce", FIRST, SECOND, total)
    return fig, f"{reduced} {words('All-gather', FIRST[:2], SECOND[:2], both)}"


def _operation(ax, left, name, before, after):
    """Draws one operation from `left` on; returns where it ends."""
    start = left + len(before[0]) + 1.9
    for rank, y in enumerate((1.2, 0.0)):
        ax.text(left - 0.3, y + 0.42, f"rank {rank}", ha="right", va="center", fontsize=14)
        for x, number in enumerate(before[rank]):
            _cell(ax, left + x, y, number, OF_RANK[rank : rank + 1])
        for x, number in enumerate(after):
            gathered = len(after) > len(before[0])
            source = x // len(before[0])
            looks = OF_RANK[source : source + 1] if gathered else OF_RANK
            _cell(ax, start + x, y, number, looks)
    arrow = dict(arrowstyle="-|>", linewidth=2.5, color="0.35")
    ax.annotate("", (start - 0.3, 1.02), (start - 1.7, 1.02), arrowprops=arrow)
    ax.text((left + start + len(after)) / 2, 2.45, name, ha="center", fontsize=15)
    return start + len(after)


def _cell(ax, x, y, number, looks):
    """A number in a square, which is divided between those that it comes from."""
    height = 0.84 / len(looks)
    for place, (color, hatch) in enumerate(looks):
        bottom = y + 0.84 - (place + 1) * height
        look = dict(facecolor=color, hatch=hatch, edgecolor="white", linewidth=0)
        ax.add_patch(plt.Rectangle((x, bottom), 0.9, height, **look))
    ax.add_patch(plt.Rectangle((x, y), 0.9, 0.84, fill=False, edgecolor="0.3"))
    field = dict(facecolor="white", edgecolor="none", boxstyle="round,pad=0.12")
    ax.text(x + 0.45, y + 0.42, number, ha="center", va="center", fontsize=14, bbox=field)
