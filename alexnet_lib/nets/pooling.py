"""Adaptive pooling that works on every device."""

from torch import nn


class AdaptiveAvgPool2d(nn.AdaptiveAvgPool2d):
    """torch's adaptive average pooling, on the CPU where Apple's GPUs cannot do it.

    On MPS torch averages maps only where their sides are multiples of the output's side.
    """

    def forward(self, maps):
        if maps.device.type == "mps" and any(side % self.output_size for side in maps.shape[-2:]):
            return super().forward(maps.cpu()).to(maps.device)
        return super().forward(maps)
