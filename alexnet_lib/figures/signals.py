"""How a signal fades or explodes: random images through a deep net with random weights."""

from functools import cache

import torch

LAYERS, UNITS, IMAGES = 8, 256, 128
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "none": lambda z: z}


def send_signals(weight_std=0.01, bias=0.0, activation="relu"):
    """Sends 128 random images through eight layers of 256 units, and a gradient back.

    Weights are normal with standard deviation weight_std, the same draws at each call. The images
    have variance 1, and so does the gradient at the last layer. Returns three lists with one number
    per layer, and a tensor:

    - the standard deviation over images of a unit's value before the activation (the root mean
      square over the units),
    - the standard deviation of the gradient with respect to these values,
    - the share of units that are off, at most 0, for all images,
    - the last layer's outputs (128, 256).

    Raises ValueError for an unknown activation.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is unknown; take {', '.join(ACTIVATIONS)}")
    signal, weights, gradient = _draws()
    computed = []
    for matrix in weights:
        z = (signal @ (weight_std * matrix) + bias).requires_grad_()
        z.retain_grad()
        computed.append(z)
        signal = ACTIVATIONS[activation](z)
    computed[-1].backward(gradient)
    deviation = [z.std(0).square().mean().sqrt().item() for z in computed]
    off = [(z <= 0).all(0).float().mean().item() for z in computed]
    return deviation, [z.grad.std().item() for z in computed], off, signal.detach()


@cache
def _draws():
    random = torch.Generator().manual_seed(0)
    shapes = (IMAGES, UNITS), (LAYERS, UNITS, UNITS), (IMAGES, UNITS)
    return [torch.randn(*shape, generator=random) for shape in shapes]


def draw_signals(figure, weight_std, bias, activation):
    """Fills a figure with each layer's signal and gradient, and with the last layer's outputs.

    Returns a sentence that says what is shown.
    """
    deviation, gradient, off, last = send_signals(weight_std, bias, activation)
    left = figure.add_axes((0.09, 0.14, 0.46, 0.76))
    lines = (
        (deviation, "o-", "std over images"),
        (gradient, "s--", "gradient, on its way back"),
    )
    for row, (values, look, words) in enumerate(lines):
        powers = torch.tensor(values).clamp(min=1e-30).log10()  # quicker than a log axis
        left.plot(range(1, LAYERS + 1), powers.numpy(), look, color=f"C{row}")
        left.plot(3, -7.2 - row, look[0], color=f"C{row}")
        left.text(3.2, -7.2 - row, words, va="center")
    left.set(ylim=(-9, 4), xlabel="layer", xticks=range(1, LAYERS + 1))
    left.set_yticks([-8, -4, 0, 4], ["1e-8", "1e-4", "1", "1e4"])
    left.set_title("Forward and back", fontsize=14)
    right = figure.add_axes((0.64, 0.14, 0.33, 0.76))
    right.imshow(last[:64, :64].numpy(), cmap="cividis", interpolation="nearest", aspect="auto")
    right.set(xticks=[], yticks=[], xlabel="64 units", ylabel="64 images")
    right.set_title(f"Layer 8's outputs, up to {last.max():.2g}", fontsize=14)
    return _sentence(deviation, gradient, off)


def _sentence(deviation, gradient, off):
    if 0.05 < deviation[-1] < 20:
        verdict = "comes through"
    else:
        verdict = "dies" if deviation[-1] < 1 else "explodes"
    return (
        f"The signal {verdict}: the std over images goes from {deviation[0]:.2g} in layer 1 "
        f"to {deviation[-1]:.2g} in layer 8, the gradient from {gradient[-1]:.2g} in layer 8 to "
        f"{gradient[0]:.2g} in layer 1; {100 * off[-1]:.0f} % of layer 8's units are off for all "
        f"images."
    )
