"""The time from a slider's move to the new figure, for every explorer of the course.

`python benchmarks/explorers.py [NAME ...]`: 30 random moves each of one control, against the 100 ms
in which a figure seems to follow the hand. The old figure's garbage is collected within the move.
Prints a table; a run of all explorers writes results/benchmarks/explorers-cpu.json,
with the machine that it ran on.
"""

import argparse
import random
import statistics
import time

import matplotlib
import timing

from alexnet_lib.figures import explorers as widgets
from alexnet_lib.figures.style import use_style

MOVES, LIMIT = 30, 100  # the limit in ms


def moved(control, draw):
    """A value that a control can take, and that is not its value now."""
    if hasattr(control, "options"):
        values = control.options
    elif hasattr(control, "min"):
        count = round((control.max - control.min) / control.step)
        values = [control.min + control.step * number for number in range(count + 1)]
    else:
        values = (True, False)
    return draw.choice([value for value in values if value != control.value])


def measure(name):
    """Milliseconds of MOVES moves: as the reader sees them, and of the processor alone.

    Moves to values that the explorer refuses are quick and do not count.
    """
    box, _, words = widgets.explorer_box(name)
    controls = widgets.values_of(box.children[:-2])
    draw, times, cpu_times, refused = random.Random(2012), [], [], 0
    while len(times) < MOVES:
        control = draw.choice(controls)
        value, start, cpu_start = moved(control, draw), time.perf_counter(), time.process_time()
        control.value = value
        took, cpu_took = time.perf_counter() - start, time.process_time() - cpu_start
        if words.value.startswith("✗"):
            refused += 1
            continue
        times.append(1000 * took)
        cpu_times.append(1000 * cpu_took)
    return {
        "median_ms": round(statistics.median(times), 1),
        "slowest_ms": round(max(times), 1),
        "cpu_median_ms": round(statistics.median(cpu_times), 1),
        "cpu_slowest_ms": round(max(cpu_times), 1),
        "moves": MOVES,
        "refused": refused,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    known = list(widgets.EXPLORERS)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default: all"
    )
    names = parser.parse_args().names
    if unknown := [name for name in names if name not in known]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    matplotlib.use("Agg")
    use_style()
    every, names = not names, names or known
    found = {name: measure(name) for name in names}
    print(f"{MOVES} moves each, in ms; of the processor alone in brackets; the limit is {LIMIT}")
    print(f"{'explorer':<16}{'median':>16}{'slowest':>18}")
    for name, row in found.items():
        median = f"{row['median_ms']:.0f} ({row['cpu_median_ms']:.0f})"
        slowest = f"{row['slowest_ms']:.0f} ({row['cpu_slowest_ms']:.0f})"
        late = "  too slow" if row["cpu_median_ms"] > LIMIT else ""
        print(f"{name:<16}{median:>16}{slowest:>18}{late}")
    if every:
        packages = ("matplotlib", "ipywidgets", "pillow")
        timing.write("explorers", "cpu", {"limit_ms": LIMIT, "explorers": found}, packages)


if __name__ == "__main__":
    main()
