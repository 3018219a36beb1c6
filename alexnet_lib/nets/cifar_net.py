"""AlexNet's eight layers in a shape that suits images of 32×32, and crops of these."""

from collections import OrderedDict

from torch import nn

from alexnet_lib.base.numbers import whole_number, whole_numbers
from alexnet_lib.nets.lrn import LocalResponseNorm
from alexnet_lib.nets.pooling import AdaptiveAvgPool2d

CHANNELS, HIDDEN = (48, 128, 192, 192, 128), (512, 512)


class CifarNet(nn.Module):
    """Five convolutions and three linear layers: images (N, C, H, W) to logits (N, num_classes).

    Comments give the shapes at the widths of `cifar_net`, for crops of 24×24. Maps of another size
    are averaged to 3×3. The arguments are those of `cifar_net`.
    """

    def __init__(self, num_classes, in_channels, dropout, channels, hidden, alpha):
        super().__init__()
        conv1, conv2, conv3, conv4, conv5 = channels
        fc6, fc7 = hidden
        self.features = nn.Sequential(OrderedDict(
            conv1=nn.Conv2d(in_channels, conv1, 5, padding=2),                    # (N, 48, 24, 24)
            relu1=nn.ReLU(),
            lrn1=LocalResponseNorm(5, alpha=alpha, beta=0.75, k=2.0),
            pool1=nn.MaxPool2d(3, stride=2, ceil_mode=True),                      # (N, 48, 12, 12)
            conv2=nn.Conv2d(conv1, conv2, 5, padding=2),                          # (N, 128, 12, 12)
            relu2=nn.ReLU(),
            lrn2=LocalResponseNorm(5, alpha=alpha, beta=0.75, k=2.0),
            pool2=nn.MaxPool2d(3, stride=2, ceil_mode=True),                      # (N, 128, 6, 6)
            conv3=nn.Conv2d(conv2, conv3, 3, padding=1),                          # (N, 192, 6, 6)
            relu3=nn.ReLU(),
            conv4=nn.Conv2d(conv3, conv4, 3, padding=1),                          # (N, 192, 6, 6)
            relu4=nn.ReLU(),
            conv5=nn.Conv2d(conv4, conv5, 3, padding=1),                          # (N, 128, 6, 6)
            relu5=nn.ReLU(),
            pool5=nn.MaxPool2d(3, stride=2, ceil_mode=True),                      # (N, 128, 3, 3)
        ))  # fmt: skip
        self.avgpool = AdaptiveAvgPool2d(3)  # (N, 128, 3, 3)
        self.classifier = nn.Sequential(OrderedDict(
            fc6=nn.Linear(conv5 * 3 * 3, fc6),                                    # (N, 512)
            relu6=nn.ReLU(),
            dropout6=nn.Dropout(dropout),
            fc7=nn.Linear(fc6, fc7),                                              # (N, 512)
            relu7=nn.ReLU(),
            dropout7=nn.Dropout(dropout),
            fc8=nn.Linear(fc7, num_classes),                                      # (N, num_classes)
        ))  # fmt: skip

    def forward(self, images):
        maps = self.avgpool(self.features(images))
        return self.classifier(maps.flatten(1))


def cifar_net(
    num_classes=10, in_channels=3, dropout=0.5, channels=CHANNELS, hidden=HIDDEN, alpha=0.01
):
    """AlexNet for images of 32×32: its layers, as wide as one of its two towers.

    AlexNet's conv1 and its three pools divide the side of an image by 32, so that of 32 pixels
    nothing would be left. Here conv1 has kernels of 5×5 that move by one pixel, and the hidden
    layers have 512 units instead of 4,096. The pools round up, as in the 2012 code, so that crops
    of 24×24, which cuda-convnet took of these images, end as maps of 3×3.

    dropout    the probability that a unit of fc6 and fc7 is off
    channels   how many kernels conv1 to conv5 have
    hidden     how many units fc6 and fc7 have
    alpha      of local response normalization; the paper's 1e-4 is for larger outputs

    torch's default initialization. Raises ValueError for numbers out of range.
    """
    num_classes = whole_number("num_classes", num_classes, 1)
    in_channels = whole_number("in_channels", in_channels, 1)
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout={dropout!r}: give a probability from 0 to below 1")
    channels, hidden = whole_numbers("channels", channels, 5), whole_numbers("hidden", hidden, 2)
    return CifarNet(num_classes, in_channels, dropout, channels, hidden, alpha)
