"""Adaptive pooling: torch's own, but on the CPU where Apple's GPUs cannot do it."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from alexnet_lib.nets.pooling import AdaptiveAvgPool2d


class OnAppleGPU:
    """Maps that say they are on Apple's GPU, and note when they are brought to the CPU."""

    device = torch.device("mps")

    def __init__(self, maps):
        self.maps, self.shape, self.moved = maps, maps.shape, False

    def cpu(self):
        self.moved = True
        return self.maps


@pytest.mark.parametrize(
    ("sides", "on_cpu"),
    [((8, 4), False), ((7, 7), True), ((3, 3), True), ((7, 8), True), ((8, 7), True)],
)
def test_apples_gpus_leave_to_the_cpu_what_they_cannot_pool(sides, on_cpu, monkeypatch):
    maps, seen = torch.rand(2, 64, *sides), []

    def pool(given, side):
        seen.append((given, side))
        return SimpleNamespace(to=lambda device: (device, "moved back"))

    monkeypatch.setattr(F, "adaptive_avg_pool2d", pool)
    given = OnAppleGPU(maps)
    pooled = AdaptiveAvgPool2d(4)(given)
    assert given.moved == on_cpu
    assert seen == [(maps if on_cpu else given, 4)]
    assert (pooled == (given.device, "moved back")) == on_cpu


@pytest.mark.parametrize("side", [3, 7, 8])
def test_elsewhere_it_is_torchs_own(side):
    maps = torch.rand(2, 5, side, side + 1)
    assert_close(AdaptiveAvgPool2d(4)(maps), nn.AdaptiveAvgPool2d(4)(maps))
