"""How much memory and how long training will take, before it starts."""

import statistics
import time
from typing import NamedTuple

import torch
from torch.func import functional_call

from alexnet_lib.base.device import free_memory
from alexnet_lib.base.process_group import largest, total
from alexnet_lib.base.text import first_line
from alexnet_lib.training.evaluate import evaluation_mode
from alexnet_lib.training.inputs import InputForm, check_outputs


class StepMemory(NamedTuple):
    """The memory that a training step takes, in bytes, and the net's number of outputs.

    fixed       weights, gradients and the optimizer's velocities
    per_image   what the forward pass keeps for the backward pass, twice, since the gradients of
                these numbers are as large
    """

    fixed: int
    per_image: int
    outputs: int


def step_memory(model, shape):
    """The `StepMemory` of a net for images of shape (C, H, W), without taking that memory.

    The forward pass runs on torch's device "meta", where tensors have a shape but no numbers; a
    net that cannot run there is measured on one image. Raises ValueError where the net does not
    take images of this shape.
    """
    try:
        tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        tensors = {
            name: tensor.detach().to("meta").requires_grad_(tensor.requires_grad)
            for name, tensor in tensors.items()
        }
        kept, output = _kept_bytes(model, tensors, torch.device("meta"), shape)
    except Exception:  # a net of your own may do with numbers what shapes alone cannot answer
        tensors, device = dict(model.named_parameters()), next(model.parameters()).device
        try:
            kept, output = _kept_bytes(model, tensors, device, shape)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            raise ValueError(
                f"the net does not take images of {shape[-1]}×{shape[-2]} pixels and {shape[0]} "
                f"channels: {first_line(error)}"
            ) from error
    check_outputs(output)
    fixed = sum(3 * p.nbytes for p in model.parameters())
    return StepMemory(fixed, 2 * (kept + output.nbytes), output.shape[1])


def _kept_bytes(model, tensors, device, shape):
    """What the forward pass of one image keeps for the backward pass, in bytes, and its output."""
    own = {tensor.untyped_storage()._cdata for tensor in tensors.values()}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            kept[storage._cdata] = storage  # the reference keeps the number from being used again
        return tensor

    image = torch.zeros(1, *shape, dtype=InputForm.of(model).dtype, device=device)
    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    # In evaluation mode, so that the statistics of batch normalization stay as they are.
    with evaluation_mode(model), torch.enable_grad(), hooks:
        output = functional_call(model, tensors, image)
    return sum(storage.nbytes() for storage in kept.values()), output


def check_memory(model, shape):
    """Raises MemoryError, with a batch size that fits, where a step needs more than is free.

    `shape` is that of a batch, (N, C, H, W). Returns the net's number of outputs.
    """
    free = free_memory(next(model.parameters()).device)
    memory = step_memory(model, tuple(shape[1:]))
    fixed = memory.fixed - memory.fixed // 3  # the weights are in memory already
    needed = fixed + memory.per_image * shape[0]
    if free is not None and needed > free:
        fits = max(0, free - fixed) // memory.per_image
        advice = f"a batch size of {fits} or less fits" if fits else "take smaller images"
        raise MemoryError(
            f"a step on {shape[0]} images needs about {needed / 1e9:,.1f} GB of memory, "
            f"{free / 1e9:.1f} GB are free: {advice}"
        )
    return memory.outputs


def training_speed(step, batches, rate, seconds=4):
    """Images per second that training on `batches` processes, preparing the batches included.

    `step` is a `Step`. Its net is trained with the learning rate `rate` for about so many seconds;
    the result is the median of the steps after the first two, which are slower. Of several
    processes it is the speed of all together.
    """
    times, began = [], time.perf_counter()
    last, source = began, iter(batches)
    while largest(last - began) < seconds or len(times) < 5:  # as many steps in each process
        images, labels = next(source, (None, None))
        if images is None:
            source = iter(batches)
            continue
        step(images, labels, rate)[0].item()  # waits for the device
        now = time.perf_counter()
        times.append((now - last) / int(total(torch.tensor(len(labels)))))
        last = now
    return 1 / statistics.median(times[2:])


def duration(seconds):
    """Seconds in words: 42 s, 3.5 min, 2.1 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
