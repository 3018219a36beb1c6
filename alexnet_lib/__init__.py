"""The helper library of the course: AlexNet as the paper has it, data, training, figures.

Names load on first use, so that `import alexnet_lib` costs nothing.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "output_size": "geometry",
    "receptive_field": "geometry",
    "layer_table": "geometry",
    "LocalResponseNorm": "layers",
    "alexnet": "models",
    "four_layer": "models",
    "init_paper_": "init",
    "init_code_2012_": "init",
    "init_xavier_": "init",
    "init_he_": "init",
    "load": "datasets",
    "ImageSet": "datasets",
    "Batches": "batches",
    "Recipe": "recipes",
    "RECIPES": "recipes",
    "fit": "training",
    "evaluate": "evaluation",
    "Run": "runs",
    "device": "devices",
    "show": "plots",
    "check": "exercises",
    "explore": "widgets",
}
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'alexnet_lib' has no attribute {name!r}")
    value = getattr(import_module(f"alexnet_lib.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
