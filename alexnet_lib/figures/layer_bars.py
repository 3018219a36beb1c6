"""Bars by layer: what each layer holds, computes, or takes."""

import matplotlib.pyplot as plt

COLORS = {"conv": "C0", "lrn": "C2", "pool": "0.6", "fc": "C1"}  # of bars, by kind of layer
TITLES = {
    "parameters": ("Parameters", "millions"),
    "macs": ("Multiply-adds per image", "millions"),
    "bytes": ("Bytes of output", "millions"),
}


def layer_table_bars(rows, *fields, shares=False):
    """Some fields of a `layer_table`, a panel with one bar per layer for each: `layer_bars`.

    rows     of `layer_table`, those to show
    fields   of "parameters", "macs" and "bytes"; in millions
    shares   in percent of the sum over the rows instead
    """
    panels = {}
    for field in fields:
        title, unit = TITLES[field]
        whole = sum(getattr(row, field) for row in rows) / 100 if shares else 1e6
        numbers = {row.name: getattr(row, field) / whole for row in rows}
        panels[f"{title} ({'% of all' if shares else unit})"] = numbers
    return layer_bars(panels)


def layer_bars(panels):
    """Numbers of layers as horizontal bars, the first layer on top. Returns figure and alt text.

    panels   {title: {layer's name: number}}: a panel for each title, with the layers of the first.
             Bars of one kind of layer, which is its name without the number, have one color
    """
    names = list(next(iter(panels.values())))
    panels = {title: {name: of[name] for name in names} for title, of in panels.items()}
    height = 0.9 + 0.28 * len(names)
    shape = dict(figsize=(12, height), sharey=True, squeeze=False, layout="constrained")
    fig, (axes,) = plt.subplots(1, len(panels), **shape)
    colors = [COLORS.get(name.rstrip("0123456789"), "0.3") for name in names]
    for ax, (title, numbers) in zip(axes, panels.items(), strict=True):
        bars = ax.barh(names, list(numbers.values()), color=colors)
        ax.bar_label(bars, fmt="%.3g", padding=4)
        ax.set_title(title)
        ax.margins(x=0.2)
    axes[0].invert_yaxis()
    return fig, f"Bars by layer. {' '.join(map(_ranking, panels, panels.values()))}"


def _ranking(title, numbers):
    ranked = sorted(numbers, key=numbers.get, reverse=True)
    return f"{title}: {', '.join(f'{name} {numbers[name]:.3g}' for name in ranked)}."
