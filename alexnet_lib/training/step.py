"""One step of training, as fast as the device allows: a forward pass, gradients, an update."""

import warnings

import torch
import torch.nn.functional as F

from alexnet_lib.base.device import mixed_type
from alexnet_lib.training import estimate as estimates
from alexnet_lib.training.evaluate import check_labels


class Step:
    """Calling it with images, labels and a learning rate moves the weights of `model` once.

    It returns the loss (a tensor, before the update), the logits and the labels, all on the
    device and without waiting for it. The loss is the mean cross-entropy in nats. `recipe` gives
    momentum, weight decay and precision. SGD as torch has it; weight decay acts on weights and not
    on biases or BatchNorm, as in the 2012 code.

    The first call raises MemoryError where the step does not fit into memory, ValueError for a
    label that has no output, and warns where `compile` fails and training goes on without.
    """

    def __init__(self, model, recipe, device, compile=False):
        self.model, self.device = model, torch.device(device)
        self.forward, self.compile, self.first = model, compile, True
        self.optimizer = _optimizer(model, recipe)
        self.type = mixed_type(device) if recipe.precision == "mixed" else None
        # float16 has no digits for small gradients: they are scaled up, and down again.
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.type == torch.float16)

    def __call__(self, images, labels, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        images = images.to(self.device, memory_format=torch.channels_last, non_blocking=True)
        labels = labels.to(self.device, non_blocking=True)
        if self.first:
            self._look(images, labels)
        logits = self._logits(images)
        loss = F.cross_entropy(logits, labels)
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.detach(), logits.detach(), labels

    def _logits(self, images):
        with torch.autocast(self.device.type, self.type, enabled=self.type is not None):
            logits = self.forward(images)
        return logits.float() if self.type else logits

    def _look(self, images, labels):
        """What is looked at once, before the first step."""
        outputs = estimates.check(self.model, images)
        check_labels(labels, outputs)
        if self.compile:
            try:
                self.forward = torch.compile(self.model)
                with torch.random.fork_rng():  # this pass is for nothing but the compiler
                    self._logits(images)
            except Exception as error:
                line = str(error).strip().split("\n")[0][:200]
                warnings.warn(f"torch.compile fails here, so without it: {line}", stacklevel=3)
                self.forward = self.model
        self.first = False


def _optimizer(model, recipe):
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": biases}]
    return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum, fused=True)
