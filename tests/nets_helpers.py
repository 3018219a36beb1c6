"""What tests of the nets share."""

import torch


def shapes_only(function, *arguments, **options):
    with torch.device("meta"):
        return function(*arguments, **options)


def count(model):
    return sum(p.numel() for p in model.parameters())


def images(size, number=2, channels=3, device="cpu"):
    draws = torch.Generator().manual_seed(size)
    return torch.randn(number, channels, size, size, generator=draws).to(device)
