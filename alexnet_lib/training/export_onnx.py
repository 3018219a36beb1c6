"""A trained net as an ONNX file, which other programs run without torch and without the course."""

import json
from importlib.util import find_spec

import torch
from torch import nn

NEEDED = ("onnx", "onnxscript", "onnxruntime")
TOLERANCE = 1e-4  # how far the file's logits may be from the net's, as a share of the largest
IMAGES = (
    "uint8 N×3×{size}×{size}: red, green, blue from 0 to 255; "
    "shorter side resized to {stored}, {size}×{size} cut from the center"
)


class FromPixels(nn.Module):
    """A net that normalizes its images itself.

    Takes uint8 N×3×S×S, returns logits and probabilities, each N×C.
    """

    def __init__(self, model, statistics):
        super().__init__()
        self.model = model
        self.register_buffer("mean", statistics.mean[:, None, None])
        self.register_buffer("std", statistics.std[:, None, None])

    def forward(self, images):
        logits = self.model((images.float() - self.mean) / self.std)
        return logits, logits.softmax(1)


def need():
    """Raises ImportError where one of the packages that exporting takes is not installed."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise ImportError(
            f"to export, {' and '.join(missing)} must be installed: pip install {' '.join(NEEDED)}"
        )


def to_onnx(trained):
    """A `Trained` net, on the CPU, as the bytes of an ONNX file.

    Input "images", uint8 N×3×S×S with pixels from 0 to 255 and any N; outputs "logits" and
    "probabilities", float32 N×C. Its metadata hold the classes (a JSON list), the net's name, what
    it was trained on, and how images are made for it. Raises ImportError without onnx.
    """
    need()
    import onnx

    blank = torch.zeros(2, 3, trained.size, trained.size, dtype=torch.uint8)
    statistics = trained.recipe.normalization(trained.statistics)
    program = torch.onnx.export(
        FromPixels(trained.model, statistics).eval(), (blank,), dynamo=True, verbose=False,
        input_names=["images"], output_names=["logits", "probabilities"],
        dynamic_shapes=({0: torch.export.Dim("N")},),
    )  # fmt: skip
    model = program.model_proto
    properties = {
        "classes": json.dumps(trained.classes, ensure_ascii=False),
        "images": IMAGES.format(size=trained.size, stored=trained.stored),
        "net": trained.name,
        "trained on": str((trained.source or {}).get("source", "unknown")),
    }
    onnx.helper.set_model_props(model, properties)
    return model.SerializeToString()


def difference(content, trained, data, count=64):
    """How far the logits of an ONNX file are from the net's, on `count` images of `data`.

    content are the bytes of `to_onnx`; `data` is an `ImageSet` or `ImageFiles`. Returns the largest
    difference. Raises ValueError where it is more than `TOLERANCE` of the largest logit.
    """
    need()
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    chosen = torch.linspace(0, len(data) - 1, min(count, len(data))).round().long()
    batches = trained.batches(data.select(chosen), device="cpu", batch_size=count)
    _, std, _ = batches.statistics
    worst = largest = 0.0
    with torch.inference_mode():
        for images, _ in batches:
            expected = trained.model(images)
            pixels = images * std[:, None, None] + batches.statistics.mean[:, None, None]
            (seen,) = session.run(["logits"], {"images": pixels.round().byte().numpy()})
            worst = max(worst, (torch.from_numpy(seen) - expected).abs().max().item())
            largest = max(largest, expected.abs().max().item())
    if not worst <= TOLERANCE * largest:
        raise ValueError(
            f"the exported file does not do what the net does: on {len(chosen)} images of "
            f"{data.name} its logits differ by up to {worst:.2g}, allowed are "
            f"{TOLERANCE * largest:.2g}. No file was written."
        )
    return worst
