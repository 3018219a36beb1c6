"""The networks, and the arithmetic of their sizes.

alexnet.py        AlexNet, layer after layer, and its variants
cifar_net.py      the same eight layers for images of 32×32
four_layer.py     a small net for images of 32×32
lrn.py            local response normalization; lrn_kernels.py and lrn_c.py make it fast
pooling.py        adaptive pooling on every device
init.py           how the weights start
sizes.py          output size and receptive field, without torch
layers.py         the layers of any net in their order, and the shape after each
layer_table.py    shape, parameters and work of each layer
build.py          a net by its name, for images of a size
"""

# The names that `build`, `layer_table` and the command line know.
MODELS = ("paper", "one-tower", "batch-norm", "torchvision", "cifar", "four-layer")
SMALL = ("cifar", "four-layer")  # those whose own images have 32×32 pixels
