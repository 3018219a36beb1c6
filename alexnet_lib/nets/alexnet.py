"""The nets of the course: AlexNet in four variants, and cuda-convnet's four-layer net."""

from collections import OrderedDict

from torch import nn

from alexnet_lib.nets.layer_table import MODELS, conv1_padding, layer_table, whole_number
from alexnet_lib.nets.lrn import LocalResponseNorm

VARIANTS = tuple(name for name in MODELS if name != "four-layer")
ACTIVATIONS = {"relu": lambda: nn.ReLU(inplace=True), "tanh": nn.Tanh}
SMALL_NORMS = (None, "lrn", "batch")


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
        maps = self.features(images)
        side = getattr(self.avgpool, "output_size", 1)  # whoever takes the pooling out may do so
        if maps.device.type == "mps" and any(length % side for length in maps.shape[-2:]):
            maps = self.avgpool(maps.cpu()).to(maps.device)  # Apple's GPUs pool to divisors alone
        else:
            maps = self.avgpool(maps)
        return self.classifier(maps.flatten(1))


def alexnet(
    variant="paper", num_classes=1000, in_channels=3, padding=None, dropout=0.5, width=1.0,
    without=None,
):  # fmt: skip
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
    width       the fraction of kernels and units that each layer but fc8 keeps, or one
                for each of conv1 to conv5, fc6 and fc7; not for "torchvision"
    without     the number of a convolution to leave out, 2 to 5 (section 7), with its ReLU;
                LRN and pooling stay

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
        if width != 1 or without:
            raise ValueError("width and without are not for torchvision's net; leave them out")
        return _torchvision(num_classes, in_channels, dropout)
    padding = 0 if padding is None else whole_number("padding", padding, 0)
    groups = 2 if variant == "paper" else 1
    channels = _channels(width, groups)
    features = _features(in_channels, padding, groups, channels, without)
    if variant == "batch-norm":
        features = _with_batch_norm(features)
    last = channels[3 if without == 5 else 4]
    return ConvNet(features, 6, _classifier(num_classes, dropout, last, *channels[5:]))


def _channels(width, groups):
    """Kernels of conv1 to conv5 and units of fc6 and fc7, whole numbers of both towers."""
    full = (96, 256, 384, 384, 256, 4096, 4096)
    widths = (width,) * 7 if isinstance(width, int | float) else tuple(width)
    if len(widths) != 7 or not all(0 < each <= 1 for each in widths):
        raise ValueError(f"width={width!r}: give a fraction above 0 and up to 1, or seven")
    return [max(1, round(n * each / groups)) * groups for n, each in zip(full, widths, strict=True)]


def _features(in_channels, padding, groups, channels, without):
    if without not in (None, 2, 3, 4, 5):
        raise ValueError(f"without={without!r}: give 2, 3, 4 or 5, the number of a convolution")
    one, two, three, four, five = channels[:5]

    def inputs(number):  # of a convolution: what the one before it puts out
        return channels[number - 2 - (number - 1 == without)]

    layers = [
        ("conv1", nn.Conv2d(in_channels, one, 11, stride=4, padding=padding)),
        ("relu1", nn.ReLU(inplace=True)),
        ("lrn1", LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)),
        ("pool1", nn.MaxPool2d(3, stride=2)),
        ("conv2", nn.Conv2d(inputs(2), two, 5, padding=2, groups=groups)),
        ("relu2", nn.ReLU(inplace=True)),
        ("lrn2", LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)),
        ("pool2", nn.MaxPool2d(3, stride=2)),
        ("conv3", nn.Conv2d(inputs(3), three, 3, padding=1)),
        ("relu3", nn.ReLU(inplace=True)),
        ("conv4", nn.Conv2d(inputs(4), four, 3, padding=1, groups=groups)),
        ("relu4", nn.ReLU(inplace=True)),
        ("conv5", nn.Conv2d(inputs(5), five, 3, padding=1, groups=groups)),
        ("relu5", nn.ReLU(inplace=True)),
        ("pool5", nn.MaxPool2d(3, stride=2)),
    ]
    return [
        (name, layer) for name, layer in layers if name not in (f"conv{without}", f"relu{without}")
    ]


def _classifier(num_classes, dropout, channels, fc6, fc7):
    return [
        ("fc6", nn.Linear(channels * 6 * 6, fc6)),
        ("relu6", nn.ReLU(inplace=True)),
        ("dropout6", nn.Dropout(dropout)),
        ("fc7", nn.Linear(fc6, fc7)),
        ("relu7", nn.ReLU(inplace=True)),
        ("dropout7", nn.Dropout(dropout)),
        ("fc8", nn.Linear(fc7, num_classes)),
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


def four_layer(
    activation="relu", norm=None, num_classes=10, in_channels=3, alpha=0.001, pool_size=3, width=1
):  # fmt: skip
    """The small CIFAR net of cuda-convnet's layers-18pct and layers-19pct files.

    Made for images of 32x32; others are brought to 4x4 maps by adaptive pooling.
    `activation` is "relu" or "tanh"; `norm` is None (layers-19pct), "lrn" (across
    channels, as in cuda-convnet's layers-conv-local-11pct, whose `alpha` is for pixels from
    0 to 255) or "batch". Pools move by 2 pixels; with a `pool_size` of 2 they do not overlap.
    Each convolution has `width` times its kernels, a whole number.
    torch's default initialization. Raises ValueError for unknown names and numbers below 1.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is unknown; take 'relu' or 'tanh'")
    if norm not in SMALL_NORMS:
        raise ValueError(f"norm {norm!r} is unknown; take None, 'lrn' or 'batch'")
    pool_size = whole_number("pool_size", pool_size, 2)
    num_classes = whole_number("num_classes", num_classes, 1)
    in_channels = whole_number("in_channels", in_channels, 1)
    narrow = 32 * whole_number("width", width, 1)  # conv1 and conv2; conv3 has twice as many
    activate, pool = ACTIVATIONS[activation], dict(stride=2, ceil_mode=True)

    def normalize():
        if norm == "lrn":
            return LocalResponseNorm(9, alpha=alpha, beta=0.75, k=1.0)
        return nn.BatchNorm2d(narrow)

    features = [
        ("conv1", nn.Conv2d(in_channels, narrow, 5, padding=2)),
        ("pool1", nn.MaxPool2d(pool_size, **pool)),
        (f"{activation}1", activate()),
        *([("norm1", normalize())] if norm else []),
        ("conv2", nn.Conv2d(narrow, narrow, 5, padding=2)),
        (f"{activation}2", activate()),
        ("pool2", nn.AvgPool2d(pool_size, **pool)),
        *([("norm2", normalize())] if norm else []),
        ("conv3", nn.Conv2d(narrow, 2 * narrow, 5, padding=2)),
        (f"{activation}3", activate()),
        ("pool3", nn.AvgPool2d(pool_size, **pool)),
    ]
    return ConvNet(features, 4, [("fc4", nn.Linear(2 * narrow * 4 * 4, num_classes))])


def build(name, num_classes, size=None, in_channels=3, **changes):
    """The net of one of geometry's MODELS, for images of side `size`; None for its own.

    AlexNet's conv1 gets the padding that `conv1_padding` gives for the size. `changes` are
    arguments of `alexnet` or `four_layer`.
    Raises ValueError for an unknown name, numbers out of range and a size too small.
    """
    if size is None:
        size = 32 if name == "four-layer" else 227
    layer_table(name, size, num_classes, in_channels)  # raises where the images do not fit
    if name == "four-layer":
        return four_layer(num_classes=num_classes, in_channels=in_channels, **changes)
    if name != "torchvision":
        changes = {"padding": conv1_padding(size)} | changes
    return alexnet(name, num_classes, in_channels, **changes)
