"""The library of the course: AlexNet as the paper describes it, data, training, figures.

nets/      the networks, and the arithmetic of their sizes
data/      from files to batches
training/  from batches to a trained net and its record
paper/     the paper, and what became of its claims
figures/   everything that is drawn
course/    what notebooks need besides: set-up, exercises, processes, grading
cli/       the command line, one file per command
base/      what all of them stand on: device, files, numbers
"""

import sys

from alexnet_lib.base.version import __version__ as __version__

# `python -m alexnet_lib` imports this package while Python still looks for the module to run, and
# sys.argv[0] is "-m". Without the imports `--help` answers at once; each command has its own.
if sys.argv[:1] != ["-m"]:
    from alexnet_lib.base.device import pick_device
    from alexnet_lib.course.exercises import check
    from alexnet_lib.data.batches import Batches
    from alexnet_lib.data.image_set import ImageSet
    from alexnet_lib.data.load import load
    from alexnet_lib.figures.explorers import explore
    from alexnet_lib.figures.style import show
    from alexnet_lib.nets.alexnet import alexnet
    from alexnet_lib.nets.build import build
    from alexnet_lib.nets.four_layer import four_layer
    from alexnet_lib.nets.init import init_code_2012_, init_he_, init_paper_, init_xavier_
    from alexnet_lib.nets.layer_table import layer_table
    from alexnet_lib.nets.lrn import LocalResponseNorm
    from alexnet_lib.nets.sizes import output_size, receptive_field
    from alexnet_lib.training.evaluate import evaluate
    from alexnet_lib.training.fit import fit
    from alexnet_lib.training.recipe import RECIPES, Recipe
    from alexnet_lib.training.run import Run

    __all__ = [
        "RECIPES",
        "Batches",
        "ImageSet",
        "LocalResponseNorm",
        "Recipe",
        "Run",
        "alexnet",
        "build",
        "check",
        "evaluate",
        "explore",
        "fit",
        "four_layer",
        "init_code_2012_",
        "init_he_",
        "init_paper_",
        "init_xavier_",
        "layer_table",
        "load",
        "output_size",
        "pick_device",
        "receptive_field",
        "show",
    ]
