"""The nets of the course: AlexNet in four variants, and cuda-convnet's four-layer net."""

from collections import OrderedDict

from torch import nn

from alexnet_lib.geometry import MODELS, conv1_padding, layer_table, whole_number
from alexnet_lib.layers import LocalResponseNorm

VARIANTS = tuple(name for name in MODELS if name != "four-layer")
ACTIVATIONS = {"relu": lambda: nn.ReLU(inplace=True), "tanh": nn.Tanh}
SMALL_NORMS = {  # over 32 channels; LRN's numbers are from cuda-convnet's layers-conv-local-11pct
    None: None,
    "lrn": lambda: LocalResponseNorm(9, alpha=0.001, beta=0.75, k=1.0),
    "batch": lambda: nn.BatchNorm2d(32),
}


class ConvNet(nn.Module):
    """Convolutions, pooling to a fixed side, fully-connected layers.

    Takes images (N, C, H, W), returns logits (N, classes).
    """

    def __init__(self, features, pooled_size, classifier):
        super().__init__()
        self.features = nn.Sequential(OrderedDict(features))
        self.avgpool = nn.AdaptiveAvgPool2d(pooled_size)
        self.classifier = nn.Sequential(OrderedDict(classifier))

    def forward(self, images):
        maps = self.avgpool(self.features(images))
        return self.classifier(maps.flatten(1))


def alexnet(variant="paper", num_classes=1000, in_channels=3, padding=None, dropout=0.5):
    """AlexNet (sections 3.5 and 4.2), with torch's default initialization.

    variant     "paper": two towers, by groups of channels in conv2, conv4 and conv5;
                "one-tower": each convolution sees all channels;
                "batch-norm": one tower, batch normalization between each convolution and
                its ReLU (Ioffe and Szegedy, 2015) and no local response normalization;
                "torchvision": torchvision's own net, narrower, without normalization
    padding     conv1's, in pixels: 0 (the default) gives the paper's sizes for images of 227,
                2 for images of 224; "torchvision" always has 2
    dropout     the probability that a unit of fc6 and fc7 is off; in "torchvision" it is
                the inputs of these layers that are off

    Images of other sizes are brought to 6x6 maps by adaptive pooling, which does nothing at
    the paper's. Local response normalization looks across the border between the towers, which
    it did not on the two GPUs of 2012. For the paper's initialization call `init_paper_`.
    Raises ValueError for an unknown variant and numbers out of range.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant {variant!r} is unknown; take one of {', '.join(VARIANTS)}")
    num_classes = whole_number("num_classes", num_classes, 1)
    in_channels = whole_number("in_channels", in_channels, 1)
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout={dropout!r}: give a probability from 0 to below 1")
    if variant == "torchvision":
        if padding not in (None, 2):
            raise ValueError(f"padding={padding!r}: torchvision's conv1 has 2; leave it out")
        return _torchvision(num_classes, in_channels, dropout)
    padding = 0 if padding is None else whole_number("padding", padding, 0)
    groups = 2 if variant == "paper" else 1
    features = _features(in_channels, padding, groups, batch_norm=variant == "batch-norm")
    return ConvNet(features, 6, _classifier(num_classes, dropout))


def _features(in_channels, padding, groups, batch_norm):
    layers = [
        ("conv1", nn.Conv2d(in_channels, 96, 11, stride=4, padding=padding)),
        ("relu1", nn.ReLU(inplace=True)),
        ("lrn1", LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)),
        ("pool1", nn.MaxPool2d(3, stride=2)),
        ("conv2", nn.Conv2d(96, 256, 5, padding=2, groups=groups)),
        ("relu2", nn.ReLU(inplace=True)),
        ("lrn2", LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)),
        ("pool2", nn.MaxPool2d(3, stride=2)),
        ("conv3", nn.Conv2d(256, 384, 3, padding=1)),
        ("relu3", nn.ReLU(inplace=True)),
        ("conv4", nn.Conv2d(384, 384, 3, padding=1, groups=groups)),
        ("relu4", nn.ReLU(inplace=True)),
        ("conv5", nn.Conv2d(384, 256, 3, padding=1, groups=groups)),
        ("relu5", nn.ReLU(inplace=True)),
        ("pool5", nn.MaxPool2d(3, stride=2)),
    ]
    return _with_batch_norm(layers) if batch_norm else layers


def _classifier(num_classes, dropout):
    return [
        ("fc6", nn.Linear(256 * 6 * 6, 4096)),
        ("relu6", nn.ReLU(inplace=True)),
        ("dropout6", nn.Dropout(dropout)),
        ("fc7", nn.Linear(4096, 4096)),
        ("relu7", nn.ReLU(inplace=True)),
        ("dropout7", nn.Dropout(dropout)),
        ("fc8", nn.Linear(4096, num_classes)),
    ]


def _with_batch_norm(layers):
    """The same layers with bn1 … bn5 after the convolutions, and without lrn1 and lrn2."""
    changed = []
    for name, layer in layers:
        if not name.startswith("lrn"):
            changed.append((name, layer))
        if name.startswith("conv"):
            changed.append((name.replace("conv", "bn"), nn.BatchNorm2d(layer.out_channels)))
    return changed


def _torchvision(num_classes, in_channels, dropout):
    from torchvision.models import AlexNet  # here, because importing torchvision takes a second

    model = AlexNet(num_classes, dropout)
    if in_channels != 3:
        model.features[0] = nn.Conv2d(in_channels, 64, 11, stride=4, padding=2)
    return model


def four_layer(activation="relu", norm=None, num_classes=10, in_channels=3):
    """The small CIFAR net of cuda-convnet's layers-18pct and layers-19pct files.

    Made for images of 32x32; others are brought to 4x4 maps by adaptive pooling.
    `activation` is "relu" or "tanh"; `norm` is None (layers-19pct), "lrn" (across
    channels, as in cuda-convnet's layers-conv-local-11pct) or "batch". torch's default
    initialization. Raises ValueError for unknown names and numbers below 1.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is unknown; take 'relu' or 'tanh'")
    if norm not in SMALL_NORMS:
        raise ValueError(f"norm {norm!r} is unknown; take None, 'lrn' or 'batch'")
    num_classes = whole_number("num_classes", num_classes, 1)
    in_channels = whole_number("in_channels", in_channels, 1)
    activate, normalize = ACTIVATIONS[activation], SMALL_NORMS[norm]
    features = [
        ("conv1", nn.Conv2d(in_channels, 32, 5, padding=2)),
        ("pool1", nn.MaxPool2d(3, stride=2, ceil_mode=True)),
        (f"{activation}1", activate()),
        *([("norm1", normalize())] if norm else []),
        ("conv2", nn.Conv2d(32, 32, 5, padding=2)),
        (f"{activation}2", activate()),
        ("pool2", nn.AvgPool2d(3, stride=2, ceil_mode=True)),
        *([("norm2", normalize())] if norm else []),
        ("conv3", nn.Conv2d(32, 64, 5, padding=2)),
        (f"{activation}3", activate()),
        ("pool3", nn.AvgPool2d(3, stride=2, ceil_mode=True)),
    ]
    return ConvNet(features, 4, [("fc4", nn.Linear(64 * 4 * 4, num_classes))])


def build(name, num_classes, size=None, in_channels=3):
    """The net of one of geometry's MODELS, for images of side `size`; None for its own.

    AlexNet's conv1 gets the padding that `conv1_padding` gives for the size.
    Raises ValueError for an unknown name, numbers out of range and a size too small.
    """
    if size is None:
        size = 32 if name == "four-layer" else 227
    layer_table(name, size, num_classes, in_channels)  # raises where the images do not fit
    if name == "four-layer":
        return four_layer(num_classes=num_classes, in_channels=in_channels)
    padding = None if name == "torchvision" else conv1_padding(size)
    return alexnet(name, num_classes, in_channels, padding)
