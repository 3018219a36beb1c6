"""The training loop that AlexNet tutorials use, written again as a baseline.

Each picture is resized, cropped and flipped by itself with Pillow and torchvision, a `DataLoader`
with two workers makes batches of them, and the net is torch's own layers in float32.
"""

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Pictures(Dataset):
    """The images of an `ImageSet`, one at a time, as Pillow and torchvision prepare them."""

    def __init__(self, data, size):
        self.pictures = [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in data.images]
        self.labels = data.labels.tolist()
        self.prepare = transforms.Compose(
            [
                transforms.Resize((round(size / 0.875),) * 2),
                transforms.RandomCrop(size),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize((0.5, 0.5, 0.5), (0.25, 0.25, 0.25)),
            ]
        )

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.prepare(self.pictures[index]), self.labels[index]


def loader(data, size, batch_size):
    """Batches of `Pictures`, made by two worker processes."""
    return DataLoader(
        Pictures(data, size), batch_size, shuffle=True, num_workers=2, drop_last=True,
        persistent_workers=True,
    )  # fmt: skip


def net(num_classes=10):
    """AlexNet in one tower as a list of torch's layers, for images of 227×227."""

    def norm():
        return nn.LocalResponseNorm(size=5, alpha=1e-4, beta=0.75, k=2)

    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Dropout(0.5), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(),
        nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, num_classes),
    )  # fmt: skip


class Loop:
    """The loop itself: calling it trains `model` on so many batches of `batches`."""

    def __init__(self, model, batches, device="cpu"):
        self.model, self.batches, self.device = model.to(device), batches, device
        self.optimizer = torch.optim.SGD(
            model.parameters(), lr=0.01, momentum=0.9, weight_decay=0.0005
        )
        self.loss = nn.CrossEntropyLoss()
        self.source = iter(batches)

    def next_batch(self):
        batch = next(self.source, None)
        if batch is None:
            self.source = iter(self.batches)
            batch = next(self.source)
        return batch

    def __call__(self, steps):
        for _ in range(steps):
            images, labels = self.next_batch()
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            loss = self.loss(self.model(images), labels)
            loss.backward()
            self.optimizer.step()
            loss.item()  # tutorials add it up for the progress bar
