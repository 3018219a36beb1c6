"""How much memory and how long training will take, before it starts."""

import statistics
import time
from typing import NamedTuple

import torch

from alexnet_lib.base.device import free_memory


class StepMemory(NamedTuple):
    """The memory that a training step takes, in bytes, and the net's number of outputs.

    fixed       weights, gradients and the optimizer's velocities
    per_image   what the forward pass keeps for the backward pass, twice, since the gradients of
                these numbers are as large
    """

    fixed: int
    per_image: int
    outputs: int


def step_memory(model, images):
    """The `StepMemory` of a net, measured on the first of `images`, float (N, 3, S, S)."""
    parameters = {p.data_ptr() for p in model.parameters()}
    kept, was_training = {}, model.training

    def pack(tensor):
        if tensor.data_ptr() not in parameters:
            kept[tensor.data_ptr()] = tensor.nbytes
        return tensor

    device = next(model.parameters()).device
    model.eval()  # the statistics of batch normalization stay as they are
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        output = model(images[:1].to(device))
    model.train(was_training)
    fixed = sum(3 * p.nbytes for p in model.parameters())
    per_image = 2 * (sum(kept.values()) + output.nbytes)
    return StepMemory(fixed, per_image, output.shape[1])


def check_memory(model, images):
    """Raises MemoryError, with a batch size that fits, where a step needs more than is free.

    Returns the net's number of outputs.
    """
    free = free_memory(next(model.parameters()).device)
    memory = step_memory(model, images)
    fixed = memory.fixed - memory.fixed // 3  # the weights are in memory already
    needed = fixed + memory.per_image * len(images)
    if free is not None and needed > free:
        fits = max(0, free - fixed) // memory.per_image
        advice = f"take batch_size {fits} or less" if fits else "take smaller images"
        raise MemoryError(
            f"a step on {len(images)} images needs about {needed / 1e9:.1f} GB of memory, "
            f"{free / 1e9:.1f} GB are free: {advice}"
        )
    return memory.outputs


def training_speed(step, batches, rate, seconds=4):
    """Images per second that training on `batches` processes, preparing the batches included.

    `step` is a `Step`. Its net is trained with the learning rate `rate` for about so many seconds;
    the result is the median of the steps after the first two, which are slower.
    """
    times, began = [], time.perf_counter()
    last, source = began, iter(batches)
    while last - began < seconds or len(times) < 5:
        images, labels = next(source, (None, None))
        if images is None:
            source = iter(batches)
            continue
        step(images, labels, rate)[0].item()  # waits for the device
        now = time.perf_counter()
        times.append((now - last) / len(labels))
        last = now
    return 1 / statistics.median(times[2:])


def duration(seconds):
    """Seconds in words: 42 s, 3.5 min, 2.1 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
