"""How much memory and how long training will take, before it starts."""

import statistics
import time

import torch

from alexnet_lib.base.device import free_memory


def memory(model, images):
    """Bytes that a training step takes: (fixed, for each image), and the net's number of outputs.

    Fixed are weights, gradients and velocities; for each image, what the forward pass keeps for
    the backward pass, measured on the first of `images`, twice over for the gradients on their way.
    """
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
    return fixed, 2 * (sum(kept.values()) + output.nbytes), output.shape[1]


def check(model, images):
    """The net's number of outputs. MemoryError, with a size that fits, where a step does not."""
    free = free_memory(next(model.parameters()).device)
    fixed, each, outputs = memory(model, images)
    held = fixed // 3  # the weights are there already
    needed = fixed - held + each * len(images)
    if free is not None and needed > free:
        fits = max(0, free - fixed + held) // each
        advice = f"take batch_size {fits} or less" if fits else "take smaller images"
        raise MemoryError(
            f"a step on {len(images)} images needs about {needed / 1e9:.1f} GB of memory, "
            f"{free / 1e9:.1f} GB are free: {advice}"
        )
    return outputs


def speed(step, batches, rate, seconds=4):
    """Images a second that training on `batches` takes in, each batch's making included.

    `step` is a `steps.Step`, whose net it trains for about so many seconds: the median of the
    steps after the first two, which are slower.
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
    """Seconds as people say them: 42 s, 3.5 min, 2.1 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
