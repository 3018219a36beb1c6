"""How many bytes GPUs send per step, if they split the batch or the layers."""

import matplotlib.pyplot as plt
import numpy as np

PAPERS_BATCH = 128  # images, in section 5


def break_even_figure(layers):
    """What one of two GPUs sends per step, by the global batch: (figure, alt text).

    Convolutions and fully-connected layers have two lines each, at 4 bytes per number: with the
    data split, the gradients of all parameters; with the layers split, half of the inputs and as
    many gradients. A dot marks the break-even batch, parameters divided by inputs.

    layers   {name, as conv2 or fc6: (parameters, inputs per image)}
    """
    batches = np.logspace(0, 4.6, 47)
    fig, ax = plt.subplots(figsize=(10, 4.8))
    words = []
    for kind, color in (("conv", "C0"), ("fc", "C1")):
        names = [name for name in layers if name.startswith(kind)]
        parameters, inputs = np.sum([layers[name] for name in names], axis=0)
        data, split = 4e-6 * parameters, 4e-6 * inputs * batches  # MB
        look = dict(color=color)
        ax.loglog(batches, np.full_like(batches, data), label=f"{kind}: data split", **look)
        ax.loglog(batches, split, "--", label=f"{kind}: layers split", **look)
        even = parameters / inputs
        ax.plot(even, data, "o", markersize=10, **look)
        ax.text(even * 1.3, data * 0.4, f"{even:,.0f}", fontsize=14)
        words.append((f"{names[0]} to {names[-1]}", f"from {even:,.0f}", f"{data:.0f} MB"))
    ax.axvline(PAPERS_BATCH, color="0.4", linestyle=":", label=f"the paper's batch, {PAPERS_BATCH}")
    ax.set(xlabel="global batch, images", ylabel="MB that each GPU sends per step")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    (convs, few, small), (fcs, many, large) = words
    return fig, (
        f"{convs} send less with the data split {few} images on, {fcs} {many}. With the data split "
        f"they send {small} and {large} per step, whatever the batch is; with the layers split, in "
        f"proportion to it."
    )
