"""How all tests run: figures without a window, notebooks as their stored outputs were made."""

import os
import signal

import matplotlib
from course_notebooks import NAME

matplotlib.use("Agg")
# A shell lets what it starts by & ignore Ctrl-C, which tests send to themselves and to others.
signal.signal(signal.SIGINT, signal.default_int_handler)
# The notebooks' kernels take these over; tools/execute.py runs them the same way.
os.environ.setdefault("ALEXNET_PROFILE", "fast")
os.environ.setdefault("ALEXNET_DEVICE", "cpu")


def pytest_configure(config):
    """nbval reads what it does not compare from a file, wherever pytest is started."""
    config.option.nbval_sanitize_with = config.rootpath / "tests" / "nbval.cfg"


def pytest_ignore_collect(collection_path, config):
    """Leaves out the copies of notebooks that readers work in: they have outputs of their own."""
    folder = config.rootpath / "notebooks"
    own = collection_path.suffix == ".ipynb" and collection_path.parent == folder
    return True if own and not NAME.fullmatch(collection_path.name) else None
