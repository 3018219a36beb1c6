"""What several tests need: image folders, a small CIFAR-10 archive, a host to download from."""

import hashlib
import io
import os
import pickle
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from alexnet_lib.cli.main import main
from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.training.run import Epoch, Run

CIFAR10_CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()


def picture(seed=0, size=(8, 8)):
    """A picture of random pixels, size (width, height)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(pixels)


def image_folder(folder, files, size=(8, 8)):
    """Writes a PNG picture under `folder` for each of the relative paths. Returns the folder."""
    for seed, file in enumerate(files):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(seed, size).save(path)
    return folder


def few_pictures(folder):
    """Writes three classes of ten training and four test images. Returns the folder."""
    names = [f"train/{c}/{i}.png" for c in "abc" for i in range(10)]
    names += [f"test/{c}/{i}.png" for c in "abc" for i in range(4)]
    return image_folder(folder, names, size=(16, 16))


def link(target, place):
    """Makes a symbolic link. Skips the test where that takes a privilege, as on Windows."""
    try:
        os.symlink(target, place, target_is_directory=Path(place.parent, target).is_dir())
    except (OSError, NotImplementedError):
        pytest.skip("no symbolic links here")


def run(*arguments):
    """The exit code of a command, argparse's own exits included."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as ended:
        return ended.code


def epoch(number=1, **numbers):
    """An `Epoch` of these numbers; those that are not given are any."""
    others = dict(learning_rate=0.01, train_loss=2.0, train_error=0.5, seconds=1.5)
    others |= dict(validation_loss=2.2, validation_top1=0.4, validation_top5=0.9)
    return Epoch(epoch=number, **others | numbers)


def recorded_run():
    """The run of three of four epochs in which each number falls, or rises, from epoch to epoch."""
    rows = [Epoch(n, 0.01 / n, 2.0 / n, 0.5 / n, 2.2 / n, 0.1 * n, 0.2 * n, 1.5) for n in (1, 2, 3)]
    recipe = {"epochs": 4, "batch_size": 128, "seed": 7}
    images = {"train": 45_000, "validation": 5_000}
    data = "CIFAR-10, official — café"
    versions = {"torch": "2.14.1"}
    return Run("four-layer", 89_578, data, images, recipe, "cpu", versions, None, rows)


def md5(content):
    return hashlib.md5(content).hexdigest()


def cifar10_archive(per_class=10):
    """(bytes of a .tar.gz, file name to md5): CIFAR-10's format with few images of each class."""
    rng = np.random.default_rng(0)
    contents = {"batches.meta": pickle.dumps({"label_names": CIFAR10_CLASSES})}
    for name in [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]:
        labels = rng.permutation(np.arange(10 * per_class) % 10).tolist()
        images = rng.integers(0, 256, (len(labels), 3072), np.uint8)
        # The first red pixel is the label, its right neighbor 50 more, the first green 100 more.
        images[:, [0, 1, 1024]] = np.array(labels)[:, None] + [0, 50, 100]
        contents[name] = pickle.dumps({"data": images, "labels": labels})
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue(), {name: md5(content) for name, content in contents.items()}


class Host:
    """A host on this computer that serves `content` in the way a URL's path says.

    /good serves it, with ranges; /whole without ranges; /cut breaks off half-way; /stalled goes
    silent half-way; /slow sends a byte at a time, /headers a header that never ends; /tampered has
    another first byte; /page is a short page instead; /none is not there. `asked` lists (method,
    path, Range header).
    """

    def __init__(self, content):
        self.content = content
        self.asked = []
        self.together = threading.Barrier(1)  # how many must ask before one gets an answer
        self.closing = threading.Event()
        handler = type("Handler", (_Handler,), {"host": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, way):
        return f"http://127.0.0.1:{self.server.server_port}/{way}/file.bin"

    def downloads(self):
        """The ways that were asked for in full, in order."""
        return [path.split("/")[1] for method, path, _ in self.asked if method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.host.asked.append(("HEAD", self.path, None))
        self.host.together.wait(30)
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        way = self.path.split("/")[1]
        asked = self.headers["Range"]
        self.host.asked.append(("GET", self.path, asked))
        if way == "none":
            return self.send_error(404)
        content = self.host.content
        if way == "tampered":
            content = bytes([content[0] ^ 1]) + content[1:]
        if way == "page":
            content = b"<html>Please log in</html>"
        if way == "headers":
            return self._send_headers()
        start = int(asked[6:-1]) if asked and way != "whole" else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self._send(way, content[start:])

    def _send_headers(self):
        try:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
            while not self.host.closing.wait(0.05):
                self.wfile.write(b"x")
        except OSError:
            pass  # the other side has gone

    def _send(self, way, content):
        half = len(content) // 2
        try:
            if way == "slow":
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    if self.host.closing.wait(0.01):
                        return
            elif way in ("cut", "stalled"):
                self.wfile.write(content[:half])
                if way == "stalled":
                    self.host.closing.wait(30)
            else:
                self.wfile.write(content)
        except OSError:
            pass  # the other side has gone, as some tests want

    def log_message(self, *_):
        pass


def wait_until(condition, seconds=60):
    """Waits until `condition()` is true; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def colors(count=96, side=8, seed=0):
    """Three classes that a net learns at once: mostly red, green or blue."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    pixels = torch.randint(0, 120, (count, 3, side, side), generator=random)
    pixels[torch.arange(count), labels] += 100
    return ImageSet(pixels.to(torch.uint8), labels, ("red", "green", "blue"), "Colors, synthetic")
