"""Local response normalization on a row of channels: strong units damp their neighbors."""

import matplotlib.pyplot as plt
import torch

from alexnet_lib.nets.lrn import LocalResponseNorm

WEAK, STRONG, CHANNELS = 40.0, 120.0, 48
LONE, PEAK, PAIR = 6, 24, (38, 42)  # the strong units: one alone, the top of a bump, two close by
FAR, BESIDE, BETWEEN, FLANK = 14, 8, 40, 26  # units to look at


def lrn_activations():
    """48 channels at one place of an image: weak ones, a strong unit, a bump, and a strong pair."""
    away = torch.arange(CHANNELS) - float(PEAK)
    a = WEAK + (STRONG - WEAK) * torch.exp(-(away**2) / 8)
    a[[LONE, *PAIR]] = STRONG
    return a


def lrn_responses(n, alpha, beta, k):
    """`lrn_activations` after the formula printed in section 3.3: 48 numbers.

    Raises ValueError for values that `LocalResponseNorm` refuses.
    """
    norm = LocalResponseNorm(n, alpha, beta, k, convention="paper")
    return norm(lrn_activations()[None])[0]


def draw_lrn_response(figure, n, alpha, beta, k):
    """Fills a figure with the activations, the factor of each, and their product.

    n, alpha, beta and k are those of the printed formula. Returns a sentence that says what is
    shown. Raises ValueError like `lrn_responses`.
    """
    a, b = lrn_activations(), lrn_responses(n, alpha, beta, k)
    kept = b / a
    _row(figure, 0.715, a, "before: a", 0)
    _row(figure, 0.095, b, "after: b", 2).set_xlabel("channel", labelpad=1)
    ax = _panel(figure, 0.405, "factor: b / a", 1.25 * float(kept.max()))
    ax.plot(kept, "o", color="C1", markersize=6)
    for place in (BESIDE, FAR, PEAK, BETWEEN):
        text = f"{float(kept[place]):.2f}"
        ax.annotate(text, (place, kept[place]), (0, -7), va="top", **_LABEL)
    far, beside, between = (f"{100 * float(kept[i]):.0f} %" for i in (FAR, BESIDE, BETWEEN))
    before, after = (float(values[PEAK] / values[FLANK]) for values in (a, b))
    return (
        f"Channels {LONE}, {PAIR[0]} and {PAIR[1]} are strong, and {PEAK} is the top of a bump. "
        f"Of its activation a weak unit keeps {far} far from them, {beside} beside one and "
        f"{between} between two. The bump's top is {before:.2f} times its flank, channel {FLANK}, "
        f"before and {after:.2f} times after."
    )


def lrn_scale_chart(ranges):
    """The factor of the paper's LRN by the size of activations, and where the units of nets are.

    ranges: {name: (low, median, high)}, of the root of the mean square in each unit's window, where
    low and high enclose 98 % of the units. Returns a figure of two panels with one log axis, and
    its alt text, which names low and high.
    """
    fig, (top, below) = plt.subplots(2, 1, figsize=(11, 5), sharex=True, layout="constrained")
    sizes = torch.logspace(-3, 4, 200)
    top.semilogx(sizes, (2 + 1e-4 * sizes**2) ** -0.75, color="0.3", linewidth=3)
    top.set(ylabel="factor", xlim=(1e-3, 1e4), ylim=(0, 0.65))
    for row, (low, middle, high) in enumerate(ranges.values()):
        words = ("98 % of the units", "their median") if row == 0 else (None, None)
        below.barh(row, high - low, left=low, height=0.5, color=f"C{row}", label=words[0])
        look = dict(color="white", markeredgecolor="black", markersize=10, linestyle="none")
        below.plot(middle, row, marker="o", label=words[1], **look)
    below.set(yticks=range(len(ranges)), yticklabels=ranges, ylim=(len(ranges) - 0.4, -0.6))
    below.set_xlabel("root of the mean square in a unit's window")
    border = (2 / 1e-4) ** 0.5
    handles, labels = below.get_legend_handles_labels()  # the dot first
    below.legend(handles[::-1], labels[::-1], loc="upper right")
    for ax in (top, below):
        ax.axvline(border, color="black", linestyle="--", label=f"the border, {border:.0f}")
    top.legend(loc="lower left")
    spans = ", ".join(f"{name} {low:.3g} to {high:.3g}" for name, (low, _, high) in ranges.items())
    words = f"The factor falls from 0.59 to 0 around {border:.0f}. Below, where 98 % of units are"
    return fig, f"{words}: {spans}."


_LABEL = dict(textcoords="offset points", ha="center", fontsize=12)


def _row(figure, bottom, values, title, color):
    """A panel with one bar per channel; above some, their height."""
    ax = _panel(figure, bottom, title, 1.3 * float(values.max()))
    ax.vlines(range(CHANNELS), 0, values, linewidth=8, color=f"C{color}")
    for place in (LONE, FAR, PEAK, BETWEEN):
        text = f"{float(values[place]):.0f}"
        height = values[place - 1 : place + 2].max()  # free of the bars beside it
        ax.annotate(text, (place, height), (0, 2), va="bottom", **_LABEL)
    return ax


def _panel(figure, bottom, title, top):
    ax = figure.add_axes((0.06, bottom, 0.93, 0.225))
    ax.set(xlim=(-0.8, CHANNELS - 0.2), ylim=(0, top))
    ax.xaxis.set_ticks(range(0, CHANNELS, 10) if bottom < 0.2 else ())
    ax.locator_params(axis="y", nbins=3)
    ax.grid(axis="x", visible=False)
    figure.text(0.06, bottom + 0.23, title, va="bottom")  # where a title would cost time
    return ax
