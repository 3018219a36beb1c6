"""Charts about a data set: its colors, choosing nets by it, how fast its images arrive."""

import math

import matplotlib.pyplot as plt
import torch

WAYS = ("one by one", "whole batches")  # to load images


def plot_pixel_values(shares):
    """How frequent each value of a pixel is, as a line for each color. Returns figure, alt text.

    shares   {"red": (256,), "green": …, "blue": …}: percent of the pixels with value 0, 1, …, 255
    """
    fig, ax = plt.subplots(figsize=(9, 3.6))
    for (name, share), line in zip(shares.items(), ("-", "--", ":"), strict=True):
        ax.plot(share, line, color=name, label=name)
    ax.set(xlabel="value of a pixel", ylabel="share of the pixels in %", ylim=(0, None))
    ax.legend()
    return fig, "How frequent each pixel value from 0 to 255 is, a line for each color."


def plot_color_cloud(pixels, components, count=500):
    """`count` of the pixels by red and blue, with arrows along two directions. Figure, alt text.

    pixels       float (3, N): red, green and blue of each pixel, 0 to 255
    components   float (3, 3): the eigenvectors of their covariance as columns, the smallest
                 eigenvalue first, each as long as the standard deviation along it. The arrows, for
                 the last two columns, are twice as long
    """
    pixels, components = pixels.double(), components.double()
    fig, ax = plt.subplots(figsize=(6.5, 5))
    chosen = torch.randperm(pixels.shape[1], generator=torch.Generator().manual_seed(0))[:count]
    drawn = pixels[:, chosen].T
    look = dict(s=16, edgecolors="0.6", linewidths=0.3)
    ax.scatter(drawn[:, 0], drawn[:, 2], c=drawn / 255, **look)
    center = pixels.mean(1)
    box = dict(facecolor="white", alpha=0.8, linewidth=0, pad=1)
    near = dict(textcoords="offset points", fontsize=14, bbox=box)
    for name, component in (("first", components[:, 2]), ("second", components[:, 1])):
        end = (center + 2 * component)[[0, 2]].tolist()
        arrow = dict(arrowstyle="->", linewidth=3)
        ax.annotate("", end, center[[0, 2]].tolist(), arrowprops=arrow)
        ax.annotate(name, end, (6, 6), **near)
    title = f"{len(drawn)} pixels, in their own colors"
    ax.set(xlabel="red", ylabel="blue", aspect="equal", title=title)
    return fig, (
        "Pixels as dots along the diagonal of red and blue; the first eigenvector follows the "
        "cloud, the second goes across it. The arrows are two standard deviations long."
    )


def plot_best_of_many(numbers, best, tested):
    """How good the best of equally good nets looks. Returns the figure and its alt text.

    numbers   how many nets there are to choose from, in rising order
    best      {number of validation images: the best net's accuracy in % for each of `numbers`}, two
    tested    the chosen net's accuracy in % on 10,000 test images, for each of `numbers`
    """
    fig, ax = plt.subplots(figsize=(9, 4))
    for (size, accuracies), look in zip(best.items(), ("C1o-", "C0s--"), strict=True):
        ax.semilogx(numbers, accuracies, look, label=f"best net, on {size:,} validation images")
    ax.semilogx(numbers, tested, "k^:", label="the same net, on 10,000 test images")
    ticks = dict(xticks=numbers, xticklabels=numbers)
    ax.set(xlabel="nets to choose from", ylabel="accuracy in %", **ticks)
    ax.legend()
    ends = " and ".join(f"{accuracies[-1]:.1f} % on {size:,}" for size, accuracies in best.items())
    return fig, (
        f"The more nets, the better the best one looks on the validation images: of {numbers[-1]} "
        f"nets {ends}; on test images it stays at {float(sum(tested)) / len(tested):.0f} %."
    )


def plot_loading_speeds(speeds, device):
    """Images per second, one by one and in batches. Returns the figure and its alt text.

    speeds   {side in pixels: (images per second one by one, in whole batches)}
    device   what the batches were computed on
    """
    fig, ax = plt.subplots(figsize=(9, 3.6))
    for y, pair in enumerate(speeds.values()):
        ax.plot(pair, [y, y], color="0.7", linewidth=3, zorder=1)
        for number, look, name in zip(pair, ("C1o", "C0s"), WAYS, strict=True):
            ax.plot(number, y, look, markersize=11, label=None if y else name)
            place = dict(textcoords="offset points", ha="center")
            ax.annotate(f"{number:,.0f}", (number, y), (0, 9), **place)
        slow, quick = pair
        middle = math.sqrt(slow * quick)
        ax.annotate(f"× {quick / slow:.1f}", (middle, y), (0, -16), textcoords="offset points")
    ax.set(xscale="log", xlabel=f"images per second, on {device}", ylim=(len(speeds) - 0.4, -0.6))
    ax.set_yticks(range(len(speeds)), [f"{size} pixels" for size in speeds])
    ax.margins(x=0.1)
    ax.legend(loc="lower right")
    ratios = [f"{size} pixels {quick / slow:.1f}" for size, (slow, quick) in speeds.items()]
    return fig, (
        f"Whole batches against one by one, times as many images per second: {', '.join(ratios)}."
    )
