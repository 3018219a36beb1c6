"""What the set-up cell of every notebook calls: style, seed, device, profile and data."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil
import torch
from IPython.display import display

from alexnet_lib.base import device as devices
from alexnet_lib.base.files import data_folder
from alexnet_lib.base.version import __version__
from alexnet_lib.data import load as datasets
from alexnet_lib.data.image_folder import has_training_folder
from alexnet_lib.figures.style import use_style

PROFILES = ("fast", "full")
MISSING_ON_COLAB = ("torchinfo",)
COURSE = Path(__file__).parents[2]

BANNER = """
<div role="alert" style="background:#b00020; color:white; padding:16px; font-size:18px">
<b style="font-size:24px">These are not photographs: Shapes10, synthetic, instead of CIFAR-10</b>
<br>No copy of CIFAR-10 was found, and it could not be downloaded. Everything below runs on drawn
shapes and says nothing about CIFAR-10. <tt>alexnet_lib.load("cifar10")</tt> says what was tried,
and where to put the file yourself. Then restart the kernel.
</div>
"""
BANNER_TEXT = """\
######################################################################
##  NOT PHOTOGRAPHS: Shapes10, synthetic, instead of CIFAR-10       ##
##  No copy of CIFAR-10 was found, and it could not be downloaded.  ##
##  What was tried: alexnet_lib.load("cifar10")                     ##
######################################################################"""


@dataclass(frozen=True)
class Course:
    """What a notebook runs on: `device` (torch.device) and `profile` ("fast" or "full")."""

    device: torch.device
    profile: str

    def data(self, split="train"):
        """The course's images as an `ImageSet`: split "train", "validation" or "test".

        Your own images where the data folder holds `train/`, else CIFAR-10; without a copy of it
        and without a network, Shapes10, under a banner that says so. Files of your own that cannot
        be read are left out, with a warning that names them.
        """
        source = _source()
        own = {"skip_broken": True} if isinstance(source, Path) else {}
        return datasets.load(source, split, **own)


def setup(seed=0):
    """Prepares a notebook, prints one line that says what it runs on, and returns a `Course`.

    Another line says so where torch is older than the course needs, and where Jupyter was started
    inside the course's folder, so that it does not find figures and glossary. On Colab it installs
    what is missing there, and prints where the glossary is, since not all links work there. The
    profile is that of `ALEXNET_PROFILE`, else "full" on a GPU and "fast" on a CPU. Raises
    ValueError for any other.
    """
    if "google.colab" in sys.modules:
        _install_missing()
    use_style()
    torch.manual_seed(seed)
    devices.keep_freed_memory()  # in this kernel: training on a CPU is faster then
    device = devices.pick_device()
    course = Course(device, _profile(device))
    print(
        f"alexnet_lib {__version__} · torch {torch.__version__} · "
        f"{_hardware(device)} · profile {course.profile}"
    )
    oldest = _oldest_torch()
    if oldest and torch.__version__ < f"{oldest}.dev0":  # before the first build of that version
        print(
            f"This torch is older than {oldest}, the oldest that the course is tested with: some "
            "cells may fail or give other numbers."
        )
    root = _server_root()
    if root and COURSE.resolve() in root.parents:
        print(
            f"Jupyter was started in the folder {root.name}, so figures and links outside it do "
            f"not open. Stop it, and start it in the course's folder: {COURSE.resolve()}"
        )
    if "google.colab" in sys.modules and (page := _glossary()):
        print(f"Glossary, should a link to it not open: {page}")
    return course


def _install_missing():
    """Installs without dependencies, so that torch and ipywidgets stay as Colab has them."""
    for name in MISSING_ON_COLAB:
        if importlib.util.find_spec(name) is None:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", name]
            subprocess.run(pip, check=True)


def _server_root():
    """The folder whose files this kernel's Jupyter server shows; None where that is not known."""
    if "JPY_SESSION_NAME" not in os.environ:  # no server started this kernel for a notebook
        return None
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        for process in psutil.Process().parents():
            note = Path(jupyter_runtime_dir(), f"jpserver-{process.pid}.json")
            if note.is_file():
                return Path(json.loads(note.read_text(encoding="utf-8"))["root_dir"]).resolve()
    except (OSError, ValueError, TypeError, KeyError, psutil.Error):
        pass  # then nothing is said; the notebook works all the same
    return None


def _oldest_torch():
    """The lower bound in requirements.txt; None where the library is installed without it."""
    path = COURSE / "requirements.txt"
    lines = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = re.search(r"^torch>=([\d.]+)", lines, re.MULTILINE)
    return found and found[1]


def _glossary():
    """The glossary's page on GitHub; None where the course was not fetched from there."""
    git = ["git", "--git-dir", str(COURSE / ".git"), "config", "--get", "remote.origin.url"]
    address = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    known = address.startswith("https://github.com/")
    return f"{address.removesuffix('.git')}/blob/HEAD/docs/glossary.md" if known else None


def _profile(device):
    profile = os.environ.get("ALEXNET_PROFILE") or ("fast" if device.type == "cpu" else "full")
    if profile not in PROFILES:
        raise ValueError(f"ALEXNET_PROFILE is {profile!r}, expected fast or full")
    return profile


def _hardware(device):
    if device.type == "cpu":
        return f"cpu, {os.cpu_count()} cores"
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return f"{device}, {name}".rstrip(", ")


@cache
def _source():
    """What `datasets.load` should read. Looked up only once, so that no host is asked twice."""
    folder = data_folder()
    if has_training_folder(folder):
        return folder
    try:
        datasets.load("cifar10", "test")
    except ConnectionError:
        display({"text/html": BANNER, "text/plain": BANNER_TEXT}, raw=True)
        return "shapes10"
    return "cifar10"
