"""Argument types, and the options that several commands share."""

import argparse
import math
import os
import unicodedata
from pathlib import Path

from alexnet_lib.base.files import data_folder, expand_home
from alexnet_lib.base.text import shown
from alexnet_lib.nets import MODELS

DATA_HELP = (
    "cifar10 (downloaded once), shapes10 (drawn by the course), or a folder of class folders"
)
LARGEST = 2**31 - 1  # of whole numbers, but seeds
TRAINED_ON = "what the net was trained on"
NETS = (
    "paper: AlexNet in two towers; one-tower: the same without the split; batch-norm: with batch "
    "normalization; torchvision: that of torchvision; cifar: AlexNet's layers in a shape for "
    "images of 32×32; four-layer: a small net for such images"
)


class Usage(ValueError):
    """What was asked for cannot work, whatever the data and the machine."""


def positive_integer(text):
    """A whole number from 1."""
    return _whole(text, 1, LARGEST)


def natural_number(text):
    """A whole number from 0."""
    return _whole(text, 0, LARGEST)


def seed_number(text):
    """A whole number that torch's random generator takes as its seed."""
    return _whole(text, 0, 2**63 - 1)


def _whole(text, least, most):
    number = int(text) if text.isdecimal() and len(text) < 30 else -1
    if not least <= number <= most:
        words = f"a whole number from {least}"
        words += f" to {most}" if number > most or len(text) >= 30 else ""
        raise argparse.ArgumentTypeError(f"{shown(text)} is not {words}")
    return number


def _real(text):
    """The number that a text is, NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def positive_float(text):
    """A finite number above 0."""
    number = _real(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a positive number, such as 0.01")
    return number


def file_or_folder(text):
    """A path that a system can have: not empty, and no part of it too long."""
    parts = [os.fsencode(part) for part in Path(text).parts]
    if not text or "\0" in text or max(map(len, parts), default=0) > 255:
        raise argparse.ArgumentTypeError(f"{shown(text)} cannot be the name of a file or folder")
    return text


def fraction(text):
    """A number from 0 to below 1."""
    number = _real(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not from 0 to below 1, such as 0.2")
    return number


def class_names(text):
    """Two or more names, separated by commas."""
    names = [unicodedata.normalize("NFC", name.strip()) for name in text.split(",")]
    if len(set(names)) < 2 or not all(names):
        raise argparse.ArgumentTypeError(
            f"{shown(text)} are not two or more classes, such as cat,dog"
        )
    return names


def names(text):
    """One or more names, separated by commas."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise argparse.ArgumentTypeError(f"{shown(text)} are not names separated by commas")
    return found


def picture_file(text):
    """The file of a figure, whose name says its format; .png is added to a name that says none."""
    return _new_file(text, "figure's file", (".png", ".jpg", ".jpeg", ".pdf", ".svg"))


def onnx_file(text):
    """A file whose name ends in .onnx, which is added to a name without an ending.

    So a slip cannot replace the checkpoint of the net that is exported.
    """
    return _new_file(text, "ONNX file", (".onnx",))


def _new_file(text, kind, endings):
    text = file_or_folder(text)
    path = Path(text if Path(text).suffix else f"{text}{endings[0]}")
    if not Path(text).name or path.suffix.lower() not in endings:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is no {kind}: its name ends in {' or '.join(endings)}"
        )
    if path.is_dir() or Path(text).is_dir():
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is a folder; give a file, such as new{endings[0]}"
        )
    return path


def device_name(text):
    """One of the kinds of devices that nets are trained on, perhaps with a number: cuda:1."""
    if text.partition(":")[0] not in ("cuda", "mps", "cpu"):
        words = f"device {shown(text)} is not usable here; try cuda, mps or cpu"
        raise argparse.ArgumentTypeError(words)
    return text


def data_source(text):
    """What `load` takes: the name of a data set that the course knows, or a folder."""
    from alexnet_lib.data.image_folder import existing_folder

    try:
        data_folder()  # it takes what is downloaded and decoded
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"ALEXNET_DATA: {error}") from error
    if text not in ("cifar10", "shapes10"):
        try:
            existing_folder(text)
        except (ValueError, OSError) as error:
            raise argparse.ArgumentTypeError(str(error)) from error
    return text


def add_model(parser, default):
    parser.add_argument(
        "--model", choices=MODELS, default=default, help=f"{NETS}; default: {default}"
    )


def add_data(parser, default=None, help=DATA_HELP):
    """--data; without a `default` it is what the net was trained on."""
    parser.add_argument(
        "--data", type=data_source, default=default, metavar="DATA",
        help=f"{help}; default: {default or TRAINED_ON}",
    )  # fmt: skip


def add_checkpoint(parser, optional=None):
    """CHECKPOINT; where it is `optional`, that says what is taken without it."""
    parser.add_argument(
        "checkpoint",
        nargs="?" if optional else None,
        type=file_or_folder,
        metavar="CHECKPOINT",
        help="the checkpoint.pt of a run, or the run's folder"
        + (f"; default: {optional}" if optional else ""),
    )


def add_classes(parser):
    parser.add_argument(
        "--classes", type=class_names, metavar="A,B", help="only these classes: cat,dog"
    )


def add_skip_broken(parser):
    parser.add_argument(
        "--skip-broken", action="store_true",
        help="leave out image files that cannot be read, and say how many; without it they are an "
        "error",
    )  # fmt: skip


def add_device(parser):
    parser.add_argument(
        "--device", type=device_name, default=os.environ.get("ALEXNET_DEVICE") or None,
        metavar="NAME", help="cpu, cuda or mps; default: the best one here",
    )  # fmt: skip


def add_tensorboard(parser):
    parser.add_argument(
        "--tensorboard",
        type=file_or_folder,
        metavar="DIR",
        help="write the numbers of each epoch for TensorBoard",
    )


def add_compile(parser):
    parser.add_argument(
        "--compile", action="store_true",
        help="let torch.compile fuse operations: worth it in long trainings",
    )  # fmt: skip


def check_no_run(out, overwrite):
    """Raises Usage where --out is a file, or holds a run that is not to be replaced."""
    if out.exists() and not out.is_dir():
        raise Usage(f"{out} is a file; --out takes a folder")
    resumable = (out / "checkpoint.pt").exists()
    if not overwrite and (resumable or (out / "run.json").exists()):
        ways = [f"continue it: resume {out}"] * resumable
        ways += ["take another --out", "replace it: --overwrite"]
        raise Usage(f"there is a run in {out} already: {'; or '.join(ways)}")


def check_outside(images, **places):
    """Raises Usage where a folder or figure to be written, {option: place}, is among the images.

    A folder would be a class the next time: `resume` would refuse it as a class without images, or
    train on the figures in it. A figure would be an image. `images` is what `data_source` takes.
    """
    if images in ("cifar10", "shapes10"):
        return
    around = Path(os.path.realpath(expand_home(images)))
    for option, asked in places.items():
        place = Path(os.path.realpath(asked or ""))
        if asked and around in (place, *place.parents):
            figure = option in ("picture", "mistakes")
            kind, taken = ("file", "an image") if figure else ("folder", "a class")
            raise Usage(
                f"--{option} {asked} would be in the folder of images, where it is taken for "
                f"{taken}: give a {kind} outside {images} by --{option}"
            )


def weights_file(start, model):
    """The file that --from names; that of its checkpoint for a run's folder. Usage where none is.

    "torchvision" names the weights that torchvision publishes, which are downloaded once.
    """
    from alexnet_lib.training.pretrained import torchvision_weights

    path = Path(start)
    if start == "torchvision" and not path.exists():
        if model != "torchvision":
            raise Usage("the weights of --from torchvision fit --model torchvision only")
        return torchvision_weights()
    if not path.exists():
        raise Usage(f"--from {start}: there is no such file")
    return path / "checkpoint.pt" if path.is_dir() else path
