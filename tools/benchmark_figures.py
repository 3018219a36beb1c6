"""The figures of what the programs in benchmarks/ recorded; tools/figures.py draws them."""

import json
from math import nan

import matplotlib.pyplot as plt

import results


def growth():
    """What `benchmarks/growth.py` recorded on a CPU: its points; none where it did not run."""
    path = results.COURSE / "results" / "benchmarks" / "growth-cpu.json"
    return json.loads(path.read_text(encoding="utf-8"))["points"] if path.exists() else []


def draw_growth(points):
    """Images per second and memory, against batch size, image size and the number of images."""
    fig, axes = plt.subplots(
        2, 3, figsize=(12, 6), layout="constrained", sharex="col", sharey="row"
    )
    across = {
        "batch_size": ("images per batch", (8, 32, 128, 512)),
        "size": ("side of an image in pixels", (32, 64, 128, 227)),
        "images": ("images in the data set", (1000, 5000, 20000, 50000)),
    }
    for (speed, memory), (grows, (label, ticks)) in zip(axes.T, across.items(), strict=True):
        for number, model in enumerate(("four-layer", "one-tower")):
            rows = [row for row in points if (row["grows"], row["model"]) == (grows, model)]
            values = [row[grows] for row in rows]
            look = dict(color=f"C{number}", marker="os"[number], linestyle=("-", "--")[number])
            speed.loglog(values, [row["images_per_second"] for row in rows], **look)
            memory.plot(
                values, [(row["peak_MB"] or nan) / 1000 for row in rows], label=model, **look
            )
        words = [f"{tick // 1000}k" if tick >= 1000 else str(tick) for tick in ticks]
        memory.set_xticks(ticks, words)
        memory.minorticks_off()
        memory.set(xlabel=label)
    axes[0, 0].set(ylabel="images per second")
    axes[0, 0].set_yticks([30, 100, 300, 1000, 3000], ["30", "100", "300", "1,000", "3,000"])
    axes[0, 0].minorticks_off()
    most = max(row["peak_MB"] or 1 for row in points) / 1000  # None where it is not told
    axes[1, 0].set(ylabel="memory of the process, GB", ylim=(0, 1.1 * most))
    fig.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return fig


def steps():
    """What `benchmarks/profile_step.py` recorded: {processor: {part of a step: milliseconds}}."""
    return {
        results.place(found["machine"]): {
            part: round(1000 * seconds) for part, seconds in found["seconds"].items()
        }
        for found in results.benchmarks("step", results.COURSE)
    }


def draw_steps(machines):
    """The parts of a step as bars, longest first, a panel for each processor."""
    fig, axes = plt.subplots(1, len(machines), figsize=(14, 4.6), squeeze=False)
    for number, (ax, (machine, parts)) in enumerate(zip(axes[0], machines.items(), strict=True)):
        whole = sum(parts.values())
        parts = sorted(filter(lambda item: item[1], parts.items()), key=lambda item: item[1])
        ax.barh([name for name, _ in parts], [time for _, time in parts], color=f"C{number}")
        for y, (_, time) in enumerate(parts):
            words = f" {time:,} ms, {100 * time / whole:.1f} %"
            ax.text(time, y, words, va="center", fontsize=14)
        ax.set_xlim(0, 1.6 * parts[-1][1])
        ax.set(title=f"{machine}:\none step takes {whole:,} ms", xlabel="milliseconds")
        ax.grid(False, axis="y")
    fig.tight_layout(pad=0.5, w_pad=3)
    return fig
