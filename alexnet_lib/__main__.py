"""The command line: `python -m alexnet_lib COMMAND`."""

import argparse
import math
import os
import signal
import sys
import unicodedata
from pathlib import Path

from alexnet_lib.cli import commands, uses
from alexnet_lib.nets import MODELS


def main(arguments=None):
    """Runs a command; returns the exit code: 0, 1 for a failure, 2 for wrong usage."""
    parser = _parser()
    if not (sys.argv[1:] if arguments is None else arguments):
        parser.print_help(sys.stderr)
        return 2
    options = parser.parse_args(arguments)
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")  # a log file is no place for moving bars
    try:
        return options.run(options) or 0
    except commands.Usage as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except (ValueError, OSError, FloatingPointError, MemoryError, ImportError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    except RuntimeError as error:
        if type(error).__name__ != "OutOfMemoryError":  # torch's; it is imported where needed
            raise
        words = "the device has too little memory: take a smaller --batch-size or --size, or"
        print(f"{parser.prog}: {words} --device cpu", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT


def _parser():
    parser = argparse.ArgumentParser(
        prog="alexnet_lib",
        description="AlexNet (2012): look at the net, get the data, train, evaluate, use.",
        epilog="First try: python -m alexnet_lib train --data shapes10 --epochs 2",
    )
    known = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    source = "cifar10 (downloaded once), shapes10 (drawn here), or a folder of class folders"
    nets = (
        "paper: AlexNet in two towers; one-tower: the same without the split; batch-norm: with "
        "batch normalization; torchvision: torchvision's own; four-layer: a small net for small "
        "images; default: "
    )

    summary = known.add_parser("summary", help="the layer table of a net")
    summary.add_argument("--model", choices=MODELS, default="one-tower", help=nets + "one-tower")
    summary.add_argument(
        "--num-classes", type=_whole, default=1000, metavar="N", help="default: 1000, ImageNet's"
    )
    summary.add_argument(
        "--size", type=_whole, default=227, metavar="N", help="side in pixels; default: 227"
    )
    summary.add_argument(
        "--padding", type=int, choices=(0, 2), help="of conv1; default: 2 for 224 and below 67"
    )
    summary.set_defaults(run=commands.summary)

    data = known.add_parser("data", help="fetch or read images, count them, draw samples")
    data.add_argument("source", type=_source, metavar="cifar10|shapes10|FOLDER", help=source)
    data.add_argument("--picture", metavar="FILE", help="where to draw the samples (PNG)")
    data.set_defaults(run=commands.data)

    train = known.add_parser("train", help="train a net and record the run")
    train.add_argument(
        "--data",
        type=_source,
        default="cifar10",
        metavar="DATA",
        help=f"{source}; default: cifar10",
    )
    train.add_argument("--model", choices=MODELS, default="four-layer", help=nets + "four-layer")
    train.add_argument(
        "--size", type=_whole, metavar="N",
        help="side in pixels; default: the images' own, up to 64, for four-layer, else 64 "
        "(227 on a GPU)",
    )  # fmt: skip
    train.add_argument("--epochs", type=_whole, metavar="N", help="default: the recipe's")
    train.add_argument("--batch-size", type=_whole, metavar="N", help="default: the recipe's")
    train.add_argument("--learning-rate", type=_rate, metavar="R", help="default: the recipe's")
    train.add_argument(
        "--seed", type=int, default=0, metavar="N", help="starts the random draws; default: 0"
    )
    train.add_argument(
        "--recipe", choices=("fast", "paper"), default="fast",
        help="fast: ten epochs for two cores; paper: section 5's, 90 epochs; default: fast",
    )  # fmt: skip
    train.add_argument(
        "--pad", type=_pixels, metavar="N",
        help="shift each image by up to N pixels, before it is resized; default: the recipe's",
    )  # fmt: skip
    train.add_argument(
        "--zoom", type=_share, metavar="Z",
        help="show each image 1-Z to 1+Z times as near: 0.2; default: the recipe's, 0",
    )  # fmt: skip
    train.add_argument("--out", metavar="DIR", help="default: runs/MODEL-DATE-TIME")
    train.add_argument("--overwrite", action="store_true", help="replace a run that is in DIR")
    train.add_argument(
        "--dry-run", action="store_true", help="only say how fast it is and what it would take"
    )
    train.set_defaults(run=commands.train)

    resume = known.add_parser(
        "resume", help="go on with a run that was stopped, to the epochs it was started for"
    )
    resume.add_argument("folder", metavar="DIR", help="what `train` was given as --out")
    resume.set_defaults(run=commands.resume)

    evaluate, predict = _uses(known, source)

    experiment = known.add_parser(
        "experiment", help="test the paper's claims: train what is not recorded yet"
    )
    experiment.add_argument(
        "name", nargs="?", default="all", metavar="NAME",
        help="one of those that --list shows; default: all",
    )  # fmt: skip
    experiment.add_argument("--list", action="store_true", help="what each asks and takes here")
    experiment.add_argument(
        "--data", type=_source, default="cifar10", metavar="DATA",
        help=f"{source}; default: cifar10",
    )  # fmt: skip
    experiment.add_argument(
        "--seeds", type=_whole, default=3, metavar="N", help="runs of each net; default: 3"
    )
    experiment.add_argument(
        "--budget", type=_rate, metavar="MINUTES", help="start no run that would end later"
    )
    experiment.add_argument(
        "--full", action="store_true",
        help="for a GPU: all images, and AlexNet at its full width, at 227 pixels and for three "
        "times the epochs; recorded in DIR/full",
    )  # fmt: skip
    experiment.add_argument(
        "--out", default="results/claims", metavar="DIR",
        help="what is recorded here is not trained again; default: results/claims",
    )  # fmt: skip
    experiment.add_argument(
        "--work", default="runs/experiments", metavar="DIR",
        help="checkpoints of runs that are not done; default: runs/experiments",
    )  # fmt: skip
    experiment.set_defaults(run=commands.experiment)

    for command in (train, resume, evaluate, predict, experiment):
        command.add_argument("--device", metavar="NAME", help="cpu, cuda or mps; default: the best")
    for command in (data, train, evaluate):
        command.add_argument(
            "--classes", type=_names, metavar="A,B", help="only these classes: cat,dog"
        )
    for command in (train, resume):
        command.add_argument(
            "--tensorboard", metavar="DIR", help="write each epoch's numbers for TensorBoard"
        )
        command.add_argument(
            "--compile", action="store_true", help="fuse operations by torch.compile: long runs"
        )
    return parser


def _uses(known, source):
    """The commands on a trained net."""
    checkpoint = dict(metavar="CHECKPOINT", help="checkpoint.pt of a run, or its DIR")
    source = f"{source}; default: what the net was trained on"

    evaluate = known.add_parser("evaluate", help="measure a trained net on images")
    evaluate.add_argument("checkpoint", **checkpoint)
    evaluate.add_argument("--data", type=_source, metavar="DATA", help=source)
    evaluate.add_argument(
        "--split", choices=("train", "validation", "test"), default="test", help="default: test"
    )
    evaluate.add_argument("--ten-views", action="store_true", help="average ten views (§ 4.1)")
    evaluate.add_argument(
        "--mistakes", metavar="FILE", help="draw the 24 surest mistakes into a PNG file"
    )
    evaluate.set_defaults(run=uses.evaluate)

    predict = known.add_parser(
        "predict",
        help="say what a trained net sees in pictures",
        description="Pictures may have any size: the shorter side is resized to the net's, the "
        "center cut out. A file that cannot be read is named, the others go on; exit code 1.",
    )
    predict.add_argument("checkpoint", **checkpoint)
    predict.add_argument("images", nargs="+", metavar="IMAGE", help="JPEG, PNG and the like")
    predict.add_argument(
        "--top", type=_whole, default=3, metavar="N", help="classes to name; default: 3"
    )
    predict.set_defaults(run=uses.predict)

    export = known.add_parser(
        "export",
        help="write a trained net as an ONNX file, for other programs",
        description="The file takes `images`, uint8 N×3×S×S, red, green, blue from 0 to 255: it "
        "subtracts the mean color itself. It returns `logits` and `probabilities`, N×C. S, the "
        "names of the classes and how to cut images stand in its metadata. It is compared with the "
        "net on images before it is written. Needs: pip install onnx onnxscript onnxruntime",
    )
    export.add_argument("checkpoint", **checkpoint)
    export.add_argument("--onnx", required=True, metavar="FILE", help="where to write it")
    export.add_argument(
        "--data", type=_source, metavar="DATA", help=f"what it is compared on: {source}"
    )
    export.set_defaults(run=uses.export)
    return evaluate, predict


def _names(text):
    names = [unicodedata.normalize("NFC", name.strip()) for name in text.split(",")]
    if len(set(names)) < 2 or not all(names):
        raise argparse.ArgumentTypeError(f"{text!r} are not two or more classes, such as cat,dog")
    return names


def _pixels(text):
    return 0 if text == "0" else _whole(text)


def _share(text):
    share = 0.0 if text in ("0", "0.0") else _rate(text)
    if share >= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to below 1, such as 0.2")
    return share


def _whole(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _rate(text):
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number, such as 0.01")
    return rate


def _source(text):
    if text not in ("cifar10", "shapes10") and not Path(text).exists():
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither cifar10, shapes10 nor a folder that exists"
        )
    return text


if __name__ == "__main__":
    sys.exit(main())
