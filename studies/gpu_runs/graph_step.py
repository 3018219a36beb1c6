"""The training step captured as a CUDA graph, which a GPU replays for each batch.

A step of a small network is hundreds of kernels, and starting them takes a GPU longer than running
them. tests/studies/test_gpu_runs.py compares the losses with those of ordinary steps.
"""

import torch
import torch.nn.functional as F

from alexnet_lib.training.step import Step

WARM_UP = 4  # ordinary steps before the capture, in which torch compiles and allocates


class GraphStep(Step):
    """A `Step` that is captured once, for the shape of the first batches on a GPU.

    Batches of another shape, such as an epoch's last one, and those on a CPU take an ordinary step.
    Class weights and gradients that are scaled (float16) are not captured.
    """

    graph, ordinary = None, 0

    def __call__(self, images, labels, rate):
        captured = self.graph is not None and images.shape == self.images.shape
        if not captured:
            if not self._is_to_be_captured(images):
                return self._ordinary(images, labels, rate)
            self._capture(images, labels, rate)
        self.images.copy_(images)
        self.labels.copy_(labels)
        self.rate.fill_(rate)
        self.graph.replay()
        self._set_rate(rate)  # a number again, which `fit` records
        return self.loss.clone(), self.logits.clone(), labels

    def _is_to_be_captured(self, images):
        possible = images.is_cuda and self.weights is None and not self.scaler.is_enabled()
        return possible and self.graph is None and self.ordinary >= WARM_UP

    def _ordinary(self, images, labels, rate):
        self.ordinary += 1
        if not images.is_cuda:
            return super().__call__(images, labels, rate)
        stream = torch.cuda.Stream()  # as torch asks for before a capture
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            result = super().__call__(images, labels, rate)
        torch.cuda.current_stream().wait_stream(stream)
        return result

    def _capture(self, images, labels, rate):
        self.images = images.clone(memory_format=torch.channels_last)
        self.labels, self.rate = labels.clone(), torch.tensor(float(rate), device=images.device)
        self._set_rate(self.rate)
        self.optimizer.zero_grad(set_to_none=True)
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, capture_error_mode="thread_local"):
            logits = self._logits(self.images)
            loss = F.cross_entropy(logits, self.labels)
            loss.backward()
            self.optimizer.step()
        self.loss, self.logits = loss.detach(), logits.detach()

    def _set_rate(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate
