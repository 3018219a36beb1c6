"""The figures of notebook 11, which goes beyond one GPU; tools/figures.py draws them."""

from math import prod

import matplotlib.pyplot as plt

from alexnet_lib.nets.layer_table import layer_table

IMAGES = 128  # of a step, as in the paper
BOTH = {"conv3": "pool2", "fc6": "pool5", "fc7": "fc6", "fc8": "fc7"}  # {layer: what it reads}
COLORS = {"conv": "#bcd9f5", "fc": "#ffd894"}
GREEN = "#1b7837"


def crossings():
    """The eight layers: (name, outputs of a half, megabytes that cross in front of it, or None).

    The megabytes are those of one direction, forward, for a step of 128 images in float32.
    """
    rows = {row.name: row for row in layer_table("paper")}
    blocks = []
    for row in rows.values():
        if row.parameters:
            half = row.shape[0] // (1 if row.name == "fc8" else 2)
            read = BOTH.get(row.name)
            crossing = round(IMAGES * 4 * prod(rows[read].shape) / 2 / 1e6, 1) if read else None
            blocks.append((row.name, half, crossing))
    return blocks


def draw_crossings(blocks):
    """Two towers as rows of boxes, and between them what crosses from GPU to GPU."""
    fig, ax = plt.subplots(figsize=(12, 4.3))
    rows = {3.1: "GPU 1\nrank 0", 0.9: "GPU 2\nrank 1"}
    for y, name in rows.items():
        ax.axhspan(y - 0.72, y + 0.72, color="0.94", linewidth=0)
        ax.text(0.5, y, name, ha="center", va="center", fontsize=14, linespacing=1.5)
    right, look = 1.0, dict(arrowstyle="-|>", linewidth=2, shrinkA=0, shrinkB=0)
    for name, half, crossing in blocks:
        left, ends = right + (1.0 if crossing else 0.32), [3.1] if name == "fc8" else [3.1, 0.9]
        for end in ends:
            for start in rows if crossing else [end]:
                color = "0.35" if start == end else GREEN
                arrow = look | dict(color=color, linestyle="-" if start == end else (0, (4, 1.5)))
                if name != "conv1":
                    ax.annotate("", (left, end), (right, start), arrowprops=arrow)
            box = plt.Rectangle((left, end - 0.55), 0.82, 1.1, edgecolor="0.2")
            box.set_facecolor(COLORS["conv" if name.startswith("conv") else "fc"])
            ax.add_patch(box)
            words = "maps" if name.startswith("conv") else "logits" if name == "fc8" else "units"
            ax.text(left + 0.41, end + 0.24, name, ha="center", va="center", weight="bold")
            ax.text(left + 0.41, end - 0.2, f"{half:,}\n{words}", ha="center", va="center")
        if crossing:
            field = dict(facecolor="white", edgecolor=GREEN, boxstyle="round,pad=0.3")
            words = f"{crossing:.1f} MB" + ("" if name == "fc8" else "\neach way")
            place = dict(ha="center", va="center", color=GREEN, bbox=field, fontsize=12)
            ax.text(left - 0.5, 2.0, words, **place)
        right = left + 0.82
    words = f"forward, for {IMAGES} images; as many bytes of gradients come back"
    ax.text(right, 0.9, "GPU 1 alone\ncomputes\nthe loss", ha="right", va="center")
    ax.text(5.6, -0.12, f"dashed: what crosses, {words}", ha="center", color=GREEN)
    ax.set(xlim=(0.05, right + 0.05), ylim=(-0.2, 3.9))
    ax.axis("off")
    fig.subplots_adjust(0, 0, 1, 1)
    return fig
