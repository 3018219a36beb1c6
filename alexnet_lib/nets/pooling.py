"""Adaptive pooling that works on every device."""

import torch.nn.functional as F
from torch import fx, nn


class AdaptiveAvgPool2d(nn.AdaptiveAvgPool2d):
    """torch's adaptive average pooling to a square, on the CPU where Apple's GPUs cannot do it."""

    def forward(self, maps):
        return average_maps(maps, self.output_size)


@fx.wrap  # torch.fx, which follows a forward without numbers, takes it as one operation
def average_maps(maps, side: int):
    """Maps (N, C, H, W) averaged to (N, C, side, side).

    On MPS torch averages maps only where their sides are multiples of the output's side.
    """
    height, width = maps.shape[-2], maps.shape[-1]
    if maps.device.type == "mps" and (height % side > 0 or width % side > 0):
        return F.adaptive_avg_pool2d(maps.cpu(), side).to(maps.device)
    return F.adaptive_avg_pool2d(maps, side)
