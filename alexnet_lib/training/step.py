"""One step of training: a forward pass, gradients, an update of the weights."""

import torch
import torch.nn.functional as F
from torch import nn

from alexnet_lib.base.compiling import compile_or_plain
from alexnet_lib.base.device import mixed_type
from alexnet_lib.base.process_group import data_parallel, share, total
from alexnet_lib.training.estimate import check_memory
from alexnet_lib.training.inputs import InputForm, as_pair, check_labels, check_outputs

BY_BATCH = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


class Step:
    """A function that updates the weights of `model` once: step(images, labels, rate).

    images, labels   a batch, float (N, 3, S, S) and int64 (N,), or as `as_pair` reads it
    rate             the learning rate of this step

    It returns the loss before the update (a tensor: mean cross-entropy in nats), the logits and
    the labels, all on the device and without waiting for it. `recipe` gives momentum, weight decay
    and precision; `class_weights`, float (C,), weigh the images of each class in the loss. The
    optimizer is torch's SGD with momentum; weight decay acts on weights, not on biases or
    BatchNorm, as in the 2012 code.

    Within `process_group` each process gives its share of the batch, which may be empty. Gradients
    and loss are those of the complete batch, logits and labels those of the share.

    The first call, or `check` before it, raises MemoryError where the step needs more memory than
    is free, and ValueError for images that do not suit the network. The first call raises
    ValueError for one image where the net has batch normalization, and warns where `compile` fails
    and training continues without it. `compile` with several processes, and labels without an
    output, raise ValueError.
    """

    def __init__(self, model, recipe, device, compile=False, class_weights=None):
        if compile and share().world_size > 1:
            raise ValueError("several processes train without torch.compile: leave out --compile")
        self.model, self.device, self.form = model, torch.device(device), InputForm.of(model)
        self.forward, self.compile, self.outputs = data_parallel(model), compile, None
        self.weights = None if class_weights is None else class_weights.to(device)
        self.optimizer = _optimizer(model, recipe)
        self.type = mixed_type(device) if recipe.precision == "mixed" else None
        # Small gradients would become 0 in float16, so they are scaled up, and down again.
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.type == torch.float16)

    def __call__(self, images, labels, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        images, labels = as_pair((images, labels), self.form)
        first = self.outputs is None
        if first:
            self.check(images.shape)
        if len(images) == 1 and normalizes_by_batch(self.model):
            raise ValueError(
                "the net has batch normalization, which compares the images of a batch, and the "
                "first batch has one image: take batches of 2 or more, or a net without it"
            )
        if first or labels.device.type == "cpu":  # later a look at them makes a GPU wait
            check_labels(labels, self.outputs)
        layout = self.form.layout if images.dim() == 4 else torch.preserve_format
        images = images.to(self.device, memory_format=layout, non_blocking=True)
        labels = labels.to(self.device, non_blocking=True)
        if self.compile and self.forward is self.model:
            self._compile(images)
        logits = self._logits(images)
        part, loss = self._loss(logits, labels)
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(part).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss, logits.detach(), labels

    def check(self, shape):
        """Raises what the first step on a batch of this shape, (N, C, H, W), would raise."""
        outputs = check_memory(self.model, shape)
        if self.weights is not None and len(self.weights) != outputs:
            raise ValueError(
                f"there are {len(self.weights)} class weights, and the net has {outputs} outputs: "
                f"build it with num_classes={len(self.weights)}, or give a number for each output"
            )
        self.outputs = outputs

    def count(self, labels):
        """How many images these labels count as in the loss: each by the weight of its class."""
        return (torch.ones_like(labels) if self.weights is None else self.weights[labels]).sum()

    def _loss(self, logits, labels):
        """What this process differentiates, and the mean loss of the batch in all processes."""
        summed = F.cross_entropy(logits, labels, self.weights, reduction="sum")
        counts = self.count(labels)
        if share().world_size == 1:
            loss = summed / (counts + (counts == 0))  # where no image counts, the loss is 0
            return loss, loss.detach()
        sums = total(torch.stack([summed.detach().double(), counts.double()]))
        sums[1] += sums[1] == 0
        # DDP takes the mean over the processes, whose shares may differ in size.
        return summed * (share().world_size / sums[1]), (sums[0] / sums[1]).float()

    def _logits(self, images):
        if not len(images):  # a share that is empty: gradients of 0
            return self._logits(images.new_zeros(1, *images.shape[1:]))[:0]
        with torch.autocast(self.device.type, self.type, enabled=self.type is not None):
            logits = check_outputs(self.forward(images))
        return logits.float() if self.type else logits

    def _compile(self, images):
        self.forward, self.compile = compile_or_plain(self.model, "training"), False
        buffers = [buffer.clone() for buffer in self.model.buffers()]
        with torch.random.fork_rng():  # this pass is for nothing but the compiler
            self._logits(images)
        for buffer, before in zip(self.model.buffers(), buffers, strict=True):
            buffer.copy_(before)  # or batch normalization would count the images twice


def normalizes_by_batch(model):
    """Whether a layer of `model` takes its statistics from the batch that it is trained on."""
    return any(isinstance(layer, BY_BATCH) and layer.training for layer in model.modules())


def _optimizer(model, recipe):
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": biases}]
    return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum, fused=True)
