"""Make the trained net that comes with the course out of a finished run.

`python tools/ship.py RUN_FOLDER --source cifar10` halves the weights, leaves out what only resuming
needs, and writes checkpoint.pt and run.json into results/shipped/. It refuses a run whose test is
missing, a file of more than 4 MB, and a net whose accuracy on validation images changes by more
than 0.2 points. The test images are not read.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alexnet_lib.base.files import write_atomically
from alexnet_lib.training.checkpoint import read_checkpoint, save_checkpoint
from alexnet_lib.training.evaluate import evaluate
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run
from alexnet_lib.training.shipped import SHIPPED, only_for_use

LARGEST = 4_000_000  # bytes
CHANGE = 0.002  # of the accuracy on validation images
SOURCES = ("cifar10", "shapes10")  # that everyone can load


def ship(folder, out=SHIPPED, source=None, device=None):
    """Writes the net and the run in `folder` into the folder `out`, for use only.

    source   one of SOURCES: what the images are, where the run read them from a folder

    Returns what was written, in a sentence. Raises FileNotFoundError, or ValueError for a run that
    does not suit; `out` is then as it was.
    """
    content, run = read_checkpoint(folder), Run.read(Path(folder) / "run.json")
    if not run.test or run.as_dict()["epochs"] != content["run"]["epochs"]:
        raise ValueError(f"{folder} holds no finished run with its test: continue it by resume")
    own = (content["source"] or {}).get("source")
    if source is None and own not in SOURCES:
        raise ValueError(
            f"the run's images came from {own}, which others do not have: say which of "
            f"{', '.join(SOURCES)} they are by --source"
        )
    used = only_for_use(content | {"run": run.as_dict()})
    used["statistics"] = tuple(content["statistics"] or ())
    if source:
        chosen = (content["source"] or {}).get("classes")
        used["source"] = {"source": source} | ({"classes": chosen} if chosen else {})
    with TemporaryDirectory(ignore_cleanup_errors=True) as place:
        file = Path(place) / "checkpoint.pt"
        save_checkpoint(file, **used)
        size = file.stat().st_size
        if size > LARGEST:
            raise ValueError(f"the checkpoint has {size:,} bytes, allowed are {LARGEST:,}")
        before, after = accuracies(folder, file, device)
        if abs(before - after) > CHANGE:
            raise ValueError(
                f"with weights of 16 bits the validation accuracy is {100 * after:.2f} % and not "
                f"{100 * before:.2f} %"
            )
        whole = file.read_bytes()
    write_atomically(Path(out) / "checkpoint.pt", lambda file: file.write(whole))
    run.write(Path(out) / "run.json")
    return (
        f"{out}: {run.model}, {size / 1e6:.2f} MB, validation accuracy {100 * after:.2f} % "
        f"(with 32 bits {100 * before:.2f} %), sha256 {hashlib.sha256(whole).hexdigest()[:12]}"
    )


def accuracies(folder, file, device):
    """The accuracy on validation images of the net in a run's folder, and of the one in a file."""
    whole = Predictor.read(folder, device)
    data = whole.images(split="validation")
    nets = whole, Predictor.read(file, device)
    return [evaluate(net.model, net.batches(data)).top1 for net in nets]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="RUN_FOLDER", help="what `train` was given as --out")
    parser.add_argument(
        "--source", choices=SOURCES, help="the data set of images that were read from a folder"
    )
    parser.add_argument(
        "--out", default=SHIPPED, metavar="DIR", help="where to write it; default: results/shipped"
    )
    parser.add_argument("--device", help="cpu, cuda or mps; default: the best one here")
    options = parser.parse_args()
    try:
        print(ship(options.folder, options.out, options.source, options.device))
    except (ValueError, OSError) as error:
        sys.exit(f"ship: {error}")


if __name__ == "__main__":
    main()
