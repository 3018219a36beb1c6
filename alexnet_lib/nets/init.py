"""How the weights start: the paper, the 2012 code, Xavier, He.

Each function changes a model in place and returns it. Layers are found by their role: the
k-th `nn.Conv2d`, and the `nn.Linear` layers, of which all but the last are hidden. Other
layers stay as they are: batch normalization starts at weight 1 and bias 0. Draws follow
`torch.manual_seed`. Each raises ValueError for a model with no such layer.
"""

from torch import nn


def init_paper_(model):
    """Weights N(0, 0.01), biases 1 in conv2, conv4, conv5 and the hidden linear layers, else 0.

    Source: section 5. Convolutions of a net that has not five of them get biases 0.
    """
    return _init_normal_(model, deviations={})


def init_code_2012_(model, biases=1):
    """As the 2012 code starts: the paper's, but weights N(0, 0.03) in conv3, conv4 and conv5.

    `biases` is what those start at that are 1 in the paper.

    The four-layer net, with three convolutions, starts as in cuda-convnet's layers-19pct:
    conv1 N(0, 0.0001), other weights N(0, 0.01), biases 0.
    Raises ValueError for a net with neither five nor three convolutions.
    """
    number = len(_roles(model)[0])
    if number == 5:
        return _init_normal_(model, {3: 0.03, 4: 0.03, 5: 0.03}, biases)
    if number == 3:
        return _init_normal_(model, {1: 0.0001})
    raise ValueError(
        f"the model has {number} convolutions; the 2012 code's nets have 5 (AlexNet) or 3 "
        "(four-layer): take init_paper_, init_xavier_ or init_he_"
    )


def init_xavier_(model):
    """Weights uniform with variance 2 / (inputs + outputs), biases 0 (Glorot and Bengio, 2010)."""
    convolutions, linears = _roles(model)
    for layer in convolutions + linears:
        nn.init.xavier_uniform_(layer.weight)
        _fill_bias(layer, 0)
    return model


def init_he_(model):
    """Weights normal with variance 2 / inputs, for ReLU; biases 0 (He et al., 2015)."""
    convolutions, linears = _roles(model)
    for layer in convolutions + linears:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        _fill_bias(layer, 0)
    return model


def _roles(model):
    """The convolutions and the linear layers of a model, each in the order of its modules."""
    layers = list(model.modules())
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
    if not convolutions and not linears:
        raise ValueError(
            f"{type(model).__name__} has no nn.Conv2d and no nn.Linear: nothing to initialize"
        )
    return convolutions, linears


def _init_normal_(model, deviations, biases=1):
    """Weights normal with the deviations of convolution 1, 2, …; `biases` where the paper has 1."""
    convolutions, linears = _roles(model)
    with_ones = (2, 4, 5) if len(convolutions) == 5 else ()
    for number, layer in enumerate(convolutions, start=1):
        nn.init.normal_(layer.weight, 0, deviations.get(number, 0.01))
        _fill_bias(layer, biases if number in with_ones else 0)
    for layer in linears:
        nn.init.normal_(layer.weight, 0, 0.01)
        _fill_bias(layer, 0 if layer is linears[-1] else biases)
    return model


def _fill_bias(layer, value):
    if layer.bias is not None:
        nn.init.constant_(layer.bias, value)
