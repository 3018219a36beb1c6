"""Training batches that are cropped, mirrored and normalized many at a time.

The operations that prepare a batch of small images take a GPU as long to start as a small network's
step. tests/studies/test_gpu_runs.py compares the images with those of ordinary batches.
"""

import torch

from alexnet_lib.data.batches import Batches
from alexnet_lib.data.image_set import ImageFiles

AT_ONCE = 2**25  # numbers of a prepared group; as float32 they take 128 MiB
EVALUATED = 1000  # images in a batch that is not trained on, where they are small


class GroupedBatches(Batches):
    """`Batches` of images in memory, each pass prepared in groups of batches.

    All random numbers of a pass are drawn before it, in the order of ordinary batches, so that
    equal seeds give equal images wherever dropout has a generator of its own, as on a GPU. Batches
    to evaluate have up to EVALUATED images.
    """

    _drawn = None  # for the group that is being prepared

    def __init__(self, data, *arguments, **options):
        super().__init__(data, *arguments, **options)
        if not self.train and self.shape[-1] <= 64:
            views = 10 if self.ten_views else 1
            self.batch_size = max(self.batch_size, EVALUATED // views)

    def __iter__(self):
        if not self.train or isinstance(self.data, ImageFiles):
            yield from super().__iter__()
            return
        chunks = torch.randperm(len(self.data)).split(self.batch_size)
        draws = [super(GroupedBatches, self)._draw(len(chunk)) for chunk in chunks]
        size = max(1, AT_ONCE // torch.Size(self.shape).numel())  # batches in a group
        for first in range(0, len(chunks), size):
            group = chunks[first : first + size]
            indices = torch.cat(group).to(self._place)
            self._drawn = [
                None if parts[0] is None else torch.cat(parts)
                for parts in zip(*draws[first : first + size], strict=True)
            ]
            images = self._prepare(self._images[indices].to(self.device), len(indices))
            labels = self._labels[indices].to(self.device)
            sizes = [len(chunk) for chunk in group]
            yield from zip(images.split(sizes), labels.split(sizes), strict=True)

    def _draw(self, count):
        return self._drawn or super()._draw(count)
