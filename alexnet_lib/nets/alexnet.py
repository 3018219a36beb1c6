"""AlexNet: the network of the paper, layer after layer, and its variants."""

from collections import OrderedDict

from torch import nn

from alexnet_lib.base.numbers import whole_number, whole_numbers
from alexnet_lib.base.text import shown
from alexnet_lib.nets import MODELS, SMALL
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.pooling import AdaptiveAvgPool2d

VARIANTS = tuple(name for name in MODELS if name not in SMALL)
CHANNELS, HIDDEN = (96, 256, 384, 384, 256), (4096, 4096)  # the paper's widths
QUARTER = {"channels": (24, 64, 96, 96, 64), "hidden": (1024, 1024)}  # what two cores can train


class AlexNet(nn.Module):
    """The network of section 3.5. Takes images (N, C, H, W), returns logits (N, num_classes).

    Comments give the shapes at the paper's widths, for images of 227×227. Maps of another size
    are averaged to 6×6 before the linear layers; at the paper's sizes that changes nothing.
    With 2 `groups` conv2, conv4 and conv5 see the channels of their own tower only.
    """

    def __init__(
        self, num_classes=1000, in_channels=3, padding=0, dropout=0.5, groups=2,
        channels=CHANNELS, hidden=HIDDEN,
    ):  # fmt: skip
        super().__init__()
        conv1, conv2, conv3, conv4, conv5 = channels
        fc6, fc7 = hidden
        self.features = nn.Sequential(OrderedDict(
            conv1=nn.Conv2d(in_channels, conv1, 11, stride=4, padding=padding),  # (N, 96, 55, 55)
            relu1=nn.ReLU(),
            lrn1=LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
            pool1=nn.MaxPool2d(3, stride=2),                                     # (N, 96, 27, 27)
            conv2=nn.Conv2d(conv1, conv2, 5, padding=2, groups=groups),          # (N, 256, 27, 27)
            relu2=nn.ReLU(),
            lrn2=LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
            pool2=nn.MaxPool2d(3, stride=2),                                     # (N, 256, 13, 13)
            conv3=nn.Conv2d(conv2, conv3, 3, padding=1),                         # (N, 384, 13, 13)
            relu3=nn.ReLU(),
            conv4=nn.Conv2d(conv3, conv4, 3, padding=1, groups=groups),          # (N, 384, 13, 13)
            relu4=nn.ReLU(),
            conv5=nn.Conv2d(conv4, conv5, 3, padding=1, groups=groups),          # (N, 256, 13, 13)
            relu5=nn.ReLU(),
            pool5=nn.MaxPool2d(3, stride=2),                                     # (N, 256, 6, 6)
        ))  # fmt: skip
        self.avgpool = AdaptiveAvgPool2d(6)  # (N, 256, 6, 6)
        self.classifier = nn.Sequential(OrderedDict(
            fc6=nn.Linear(conv5 * 6 * 6, fc6),                                   # (N, 4096)
            relu6=nn.ReLU(),
            dropout6=nn.Dropout(dropout),
            fc7=nn.Linear(fc6, fc7),                                             # (N, 4096)
            relu7=nn.ReLU(),
            dropout7=nn.Dropout(dropout),
            fc8=nn.Linear(fc7, num_classes),                                     # (N, num_classes)
        ))  # fmt: skip

    def forward(self, images):
        maps = self.avgpool(self.features(images))
        return self.classifier(maps.flatten(1))


def alexnet(
    variant="paper", num_classes=1000, in_channels=3, padding=None, dropout=0.5,
    channels=CHANNELS, hidden=HIDDEN,
):  # fmt: skip
    """AlexNet (sections 3.5 and 4.2) in one of four variants, with torch's default initialization.

    variant     "paper": two towers, by groups of channels in conv2, conv4 and conv5;
                "one-tower": each convolution sees all channels;
                "batch-norm": one tower, batch normalization between each convolution and
                its ReLU (Ioffe and Szegedy, 2015) and no local response normalization;
                "torchvision": torchvision's own net, narrower, without normalization
    padding     conv1's, in pixels: 0 (the default) gives the paper's sizes for images of 227,
                2 for images of 224; "torchvision" always has 2
    dropout     the probability that a unit of fc6 and fc7 is off; in "torchvision" it is
                the inputs of these layers that are off
    channels    how many kernels conv1 to conv5 have, even numbers in "paper"; not for
                "torchvision"
    hidden      how many units fc6 and fc7 have; not for "torchvision"

    Local response normalization looks across the border between the towers, which it did not on
    the two GPUs of 2012. For the paper's initialization call `init_paper_`.
    Raises ValueError for an unknown variant and for numbers out of range.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant {shown(variant)} is unknown; take one of {', '.join(VARIANTS)}")
    num_classes = whole_number("num_classes", num_classes, 1)
    in_channels = whole_number("in_channels", in_channels, 1)
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout={dropout!r}: give a probability from 0 to below 1")
    if variant == "torchvision":
        if padding not in (None, 2):
            raise ValueError(f"padding={padding!r}: torchvision's conv1 has 2; leave it out")
        if (channels, hidden) != (CHANNELS, HIDDEN):
            raise ValueError("channels and hidden are not for torchvision's net; leave them out")
        return _torchvision(num_classes, in_channels, dropout)
    padding = 0 if padding is None else whole_number("padding", padding, 0)
    groups = 2 if variant == "paper" else 1
    channels, hidden = whole_numbers("channels", channels, 5), whole_numbers("hidden", hidden, 2)
    if any(width % groups for width in channels):
        raise ValueError(f"channels={shown(channels)}: two towers share them, so give even numbers")
    net = AlexNet(num_classes, in_channels, padding, dropout, groups, channels, hidden)
    return _with_batch_norm(net) if variant == "batch-norm" else net


def _with_batch_norm(net):
    """The same net with bn1 to bn5 after its convolutions, and without lrn1 and lrn2."""
    layers = OrderedDict()
    for name, layer in net.features.named_children():
        if not name.startswith("lrn"):
            layers[name] = layer
        if name.startswith("conv"):
            layers[name.replace("conv", "bn")] = nn.BatchNorm2d(layer.out_channels)
    net.features = nn.Sequential(layers)
    return net


def _torchvision(num_classes, in_channels, dropout):
    from torchvision.models import AlexNet as TorchvisionAlexNet  # takes a second to import

    net = TorchvisionAlexNet(num_classes, dropout)
    net.avgpool = AdaptiveAvgPool2d(6)
    for layer in net.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # else a hook on a convolution would see the ReLU's output
    if in_channels != 3:
        net.features[0] = nn.Conv2d(in_channels, 64, 11, stride=4, padding=2)
    return net
