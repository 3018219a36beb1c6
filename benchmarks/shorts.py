"""How long the short forms of notebook 08's experiments take, which a reader can run there.

`python benchmarks/shorts.py --data FOLDER` trains each in turn, as the notebook's RERUN does, and
writes the seconds to results/benchmarks/shorts-DEVICE.json.
"""

import time

import timing

from alexnet_lib.base.device import keep_freed_memory
from alexnet_lib.paper.experiments import EXPERIMENTS, WITHOUT_SHORT_FORM
from alexnet_lib.paper.runner import short_experiment


def main():
    keep_freed_memory()
    device, *data = timing.asked(__doc__)
    seconds = {}
    for name in (one for one in EXPERIMENTS if one not in WITHOUT_SHORT_FORM):
        began = time.perf_counter()
        short_experiment(name, data, device)
        seconds[name] = round(time.perf_counter() - began, 1)
        print(f"{name:<13}{seconds[name]:6.1f} s")
    content = {"data": data[0].name, "seconds": seconds}
    timing.write("shorts", device, content, ("torch", "torchvision"))


if __name__ == "__main__":
    main()
