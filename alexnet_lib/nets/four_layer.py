"""The four-layer net for CIFAR-10 (section 3.1), as cuda-convnet's configuration files have it."""

from collections import OrderedDict

from torch import nn

from alexnet_lib.base.numbers import whole_number, whole_numbers
from alexnet_lib.base.text import shown
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.pooling import AdaptiveAvgPool2d

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
NORMS = (None, "lrn", "batch")
POOLS = ("mixed", "max")
CHANNELS = (32, 32, 64)  # cuda-convnet's widths


class FourLayerNet(nn.Module):
    """Three convolutions and a linear layer: images (N, C, H, W) to logits (N, num_classes).

    Comments give the shapes at cuda-convnet's widths, for images of 32×32. Maps of another size
    are averaged to 4×4. The arguments are those of `four_layer`.
    """

    def __init__(
        self, activation, norm, num_classes, in_channels, alpha, pool_size, channels, pools
    ):  # fmt: skip
        super().__init__()
        conv1, conv2, conv3 = channels
        activate, pool = ACTIVATIONS[activation], dict(stride=2, ceil_mode=True)
        later_pool = nn.MaxPool2d if pools == "max" else nn.AvgPool2d

        def normalize(channels):
            if norm == "lrn":
                return LocalResponseNorm(9, alpha=alpha, beta=0.75, k=1.0)
            return nn.BatchNorm2d(channels) if norm == "batch" else None

        layers = [
            ("conv1", nn.Conv2d(in_channels, conv1, 5, padding=2)),  # (N, 32, 32, 32)
            ("pool1", nn.MaxPool2d(pool_size, **pool)),              # (N, 32, 16, 16)
            (f"{activation}1", activate()),
            ("norm1", normalize(conv1)),
            ("conv2", nn.Conv2d(conv1, conv2, 5, padding=2)),        # (N, 32, 16, 16)
            (f"{activation}2", activate()),
            ("pool2", later_pool(pool_size, **pool)),                # (N, 32, 8, 8)
            ("norm2", normalize(conv2)),
            ("conv3", nn.Conv2d(conv2, conv3, 5, padding=2)),        # (N, 64, 8, 8)
            (f"{activation}3", activate()),
            ("pool3", later_pool(pool_size, **pool)),                # (N, 64, 4, 4)
        ]  # fmt: skip
        self.features = nn.Sequential(OrderedDict(pair for pair in layers if pair[1] is not None))
        self.avgpool = AdaptiveAvgPool2d(4)  # (N, 64, 4, 4)
        self.classifier = nn.Sequential(OrderedDict(
            fc4=nn.Linear(conv3 * 4 * 4, num_classes),               # (N, num_classes)
        ))  # fmt: skip

    def forward(self, images):
        maps = self.avgpool(self.features(images))
        return self.classifier(maps.flatten(1))


def four_layer(
    activation="relu", norm=None, num_classes=10, in_channels=3, alpha=0.001, pool_size=3,
    channels=CHANNELS, pools="mixed",
):  # fmt: skip
    """The small net of cuda-convnet's layers-18pct and layers-19pct files.

    activation   "relu" or "tanh"
    norm         None (layers-19pct); "lrn": across channels, as in layers-conv-local-11pct;
                 "batch"
    alpha        of "lrn"; the default is cuda-convnet's, for pixels from 0 to 255
    pool_size    side of the pooling windows in pixels; they move by 2, so that windows of 2 do
                 not overlap
    channels     how many kernels conv1 to conv3 have
    pools        "mixed": the first takes maxima, the others means, as in cuda-convnet's files;
                 "max": all take maxima, as in AlexNet

    torch's default initialization. Raises ValueError for unknown names and numbers out of range.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {shown(activation)} is unknown; take 'relu' or 'tanh'")
    if norm not in NORMS:
        raise ValueError(f"norm {shown(norm)} is unknown; take None, 'lrn' or 'batch'")
    if pools not in POOLS:
        raise ValueError(f"pools {shown(pools)} is unknown; take 'mixed' or 'max'")
    pool_size = whole_number("pool_size", pool_size, 2)
    num_classes = whole_number("num_classes", num_classes, 1)
    in_channels = whole_number("in_channels", in_channels, 1)
    channels = whole_numbers("channels", channels, 3)
    return FourLayerNet(
        activation, norm, num_classes, in_channels, alpha, pool_size, channels, pools
    )
