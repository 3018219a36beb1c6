"""What initial weights do to a real net: its loss, and signals and gradients in each layer."""

import math

import matplotlib.pyplot as plt

LOW, HIGH = -6, 1  # powers of ten of the histograms' axis
MOST = 100_000  # values of a layer that a histogram counts


def stuck_loss_chart(losses, classes):
    """The loss of each batch while a net does not learn, and ln C, that of guessing.

    losses: nats per image, one number per step; classes: how many there are, C. Returns the figure
    and its alt text, which names the first loss, the highest, and the mean of the last ten.
    """
    chance, end = math.log(classes), sum(losses[-10:]) / len(losses[-10:])
    fig, ax = plt.subplots(figsize=(9, 4))
    ax.semilogy(range(1, len(losses) + 1), losses, "o-", label="loss of each batch")
    ax.axhline(chance, color="C1", linestyle="--", label=f"ln {classes} = {chance:.3f}")
    title = "AlexNet with the paper's initial weights"
    ax.set(xlabel="step", ylabel="loss (log scale)", title=title)
    ax.set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
    ax.minorticks_off()
    ax.legend()
    words = f"from {losses[0]:.1f} up to {max(losses):.0f}, then about {end:.2f}, where it stays"
    return fig, f"The loss by step: {words}, close to ln {classes}."


def signals_by_layer(forward, backward):
    """How the signal goes from the first layer to the last, and the gradient back: two panels.

    forward, backward: {initialization: {layer: standard deviation}}, layers from first to last.
    Returns the figure and its alt text, which names the ends of the lines.
    """
    fig, axes = plt.subplots(1, 2, figsize=(12.5, 4.8))
    titles = ("Std over images (log)", "Gradient, std (log)")
    for ax, rows, title in zip(axes, (forward, backward), titles, strict=True):
        for number, (name, values) in enumerate(rows.items()):
            look = "os^Dv"[number % 5] + "-"
            ax.semilogy(list(values), list(values.values()), look, label=name)
        ax.set_title(title)
    fig.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=5)
    fig.tight_layout(rect=(0, 0.08, 1, 1))
    first, *_, last = next(iter(forward.values()))
    ends = (f"{name} {row[first]:.1g} to {row[last]:.1g}" for name, row in forward.items())
    starts = (f"{name} {row[first]:.1g}" for name, row in backward.items())
    words = f"Std over images from {first} to {last}: {', '.join(ends)}."
    return fig, f"{words} Gradient at {first}: {', '.join(starts)}."


def deviation_histograms(deviations):
    """How far outputs are from their mean over images, as powers of ten: a grid of histograms.

    deviations: {initialization: {layer: tensor of any shape}}, distances of either sign; zeros, and
    of large tensors most values, are left out. All histograms share one axis. Returns the figure
    and its alt text, which names the medians in the first layer and the last.
    """
    powers = {
        name: {layer: _powers(values) for layer, values in row.items()}
        for name, row in deviations.items()
    }
    columns = list(next(iter(powers.values())))
    shape = dict(figsize=(13, 0.85 * len(powers) + 1.0), sharex=True, layout="constrained")
    fig, axes = plt.subplots(len(powers), len(columns), squeeze=False, **shape)
    for place, ax in zip(columns, axes[0], strict=True):
        ax.set_title(place)
    for row, (name, layers) in zip(axes, powers.items(), strict=True):
        for ax, layer in zip(row, columns, strict=True):
            ax.hist(layers[layer].numpy(), bins=41, range=(LOW, HIGH), color="C0")
            ax.set(yticks=[], xticks=[-5, -3, -1, 1])
            ax.grid(False)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    fig.supxlabel("distance of an output from its mean, as a power of ten", fontsize=13)
    first, last = columns[0], columns[-1]
    medians = {name: (row[first].median(), row[last].median()) for name, row in powers.items()}
    ends = "; ".join(f"{name} 10^{a:.1f} to 10^{b:.1f}" for name, (a, b) in medians.items())
    words = "Distances of the outputs from their means. The median in"
    return fig, f"{words} {first} and {last}: {ends}."


def _powers(values):
    """Powers of ten of the absolute values (N,) that are not 0, of at most `MOST` of them."""
    values = values.flatten()[:: 1 + values.numel() // MOST].cpu()
    return values[values != 0].abs().log10()
