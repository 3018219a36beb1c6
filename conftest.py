"""How all tests run: figures without a window, notebooks as their stored outputs were made."""

import os

import matplotlib

matplotlib.use("Agg")
# The notebooks' kernels take these over; tools/execute.py runs them the same way.
os.environ.setdefault("ALEXNET_PROFILE", "fast")
os.environ.setdefault("ALEXNET_DEVICE", "cpu")
