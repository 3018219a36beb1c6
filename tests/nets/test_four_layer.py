"""The four-layer net: against cuda-convnet's configuration, written out in functions."""

from math import nan

import pytest
import torch
import torch.nn.functional as F
from nets_helpers import count, images
from torch.testing import assert_close

from alexnet_lib.nets.four_layer import four_layer


def test_four_layer_has_cuda_convnets_89578_parameters():
    assert count(four_layer()) == 89_578
    assert count(four_layer("tanh", "lrn")) == 89_578
    assert count(four_layer(norm="batch")) == 89_578 + 2 * 2 * 32


def test_four_layer_has_the_channels_that_it_is_given():
    model = four_layer(channels=(64, 64, 128), norm="batch")
    channels = [layer.out_channels for layer in model.features if hasattr(layer, "out_channels")]
    assert channels == [64, 64, 128]
    assert model(images(32)).shape == (2, 10)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("norm", [None, "lrn", "batch"])
def test_four_layer_computes_what_cuda_convnets_file_says(activation, norm):
    """Against the same net written out in functions."""
    torch.manual_seed(0)
    model = four_layer(activation, norm).eval()
    f, x = model.features, 5 * images(32)
    act = torch.relu if activation == "relu" else torch.tanh

    def normalize(a, layer):
        if norm == "batch":
            return F.batch_norm(a, layer.running_mean, layer.running_var)
        return F.local_response_norm(a, 9, 0.001, 0.75, 1.0) if norm else a

    def average(a):
        return F.avg_pool2d(a, 3, 2, ceil_mode=True)

    a = F.max_pool2d(F.conv2d(x, f.conv1.weight, f.conv1.bias, padding=2), 3, 2, ceil_mode=True)
    a = normalize(act(a), getattr(f, "norm1", None))
    a = average(act(F.conv2d(a, f.conv2.weight, f.conv2.bias, padding=2)))
    a = normalize(a, getattr(f, "norm2", None))
    a = average(act(F.conv2d(a, f.conv3.weight, f.conv3.bias, padding=2)))
    assert a.shape == (2, 64, 4, 4)  # adaptive pooling does nothing at 32 pixels
    a = F.linear(a.flatten(1), model.classifier.fc4.weight, model.classifier.fc4.bias)
    assert_close(model(x), a)


def test_all_pools_take_maxima_where_that_is_wanted():
    model = four_layer(pools="max").eval()
    f, a = model.features, images(32)
    for number in (1, 2, 3):
        conv = getattr(f, f"conv{number}")
        a = F.max_pool2d(torch.relu(conv(a)), 3, 2, ceil_mode=True)
    assert_close(model(images(32)), model.classifier.fc4(a.flatten(1)))


@pytest.mark.parametrize("size", [8, 24, 64, 227])
def test_four_layer_takes_other_sizes_and_class_counts(size):
    assert four_layer(num_classes=3)(images(size)).shape == (2, 3)
    assert four_layer(in_channels=1)(images(size, channels=1)).shape == (2, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activation": "gelu"}, "'gelu' is unknown; take 'relu' or 'tanh'"),
        ({"norm": "layer"}, "'layer' is unknown; take None, 'lrn' or 'batch'"),
        ({"pools": "min"}, "'min' is unknown; take 'mixed' or 'max'"),
        ({"num_classes": -1}, "num_classes=-1"),
        ({"in_channels": nan}, "in_channels=nan"),
        ({"channels": (32, 32)}, r"channels=\(32, 32\): give 3 whole numbers"),
        ({"channels": (32, 0, 64)}, "channels=0: give a whole number, 1 or more"),
    ],
)
def test_four_layer_refuses_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        four_layer(**arguments)
