"""A trained net as an ONNX file, which other programs run without torch and the course."""

import json
from importlib.util import find_spec

import torch
from torch import nn

NEEDED = ("onnx", "onnxscript", "onnxruntime")
TOLERANCE = 1e-4  # how far the file's logits may be from the net's, as a fraction of the largest


class FromPixels(nn.Module):
    """A net that normalizes its images itself.

    Takes uint8 (N, 3, S, S); returns logits and probabilities, each float (N, C).
    """

    def __init__(self, model, statistics):
        super().__init__()
        self.model = model
        self.register_buffer("mean", statistics.mean[:, None, None])
        self.register_buffer("std", statistics.std[:, None, None])

    def forward(self, images):
        logits = self.model((images.float() - self.mean) / self.std)
        return logits, logits.softmax(1)


def check_packages():
    """Raises ImportError where a package that exporting needs is not installed."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise ImportError(
            f"to export, {' and '.join(missing)} must be installed: pip install {' '.join(NEEDED)}"
        )


def describe_input(predictor):
    """What the exported file takes, and how to make it from an image of any size, in words."""
    size, stored = predictor.size, predictor.stored
    return (
        f"uint8 N×3×{size}×{size}: red, green, blue from 0 to 255; "
        f"shorter side resized to {stored}, {size}×{size} cut from the center"
    )


def to_onnx(predictor):
    """The net of a `Predictor` on the CPU as the bytes of an ONNX file.

    Input "images": uint8 (N, 3, S, S), pixels from 0 to 255, any N. Outputs "logits" and
    "probabilities": float32 (N, C). The metadata hold the classes (a JSON list), the name of the
    net, what it was trained on, and how to prepare images. Raises ImportError without onnx.
    """
    check_packages()
    import onnx

    blank = torch.zeros(2, 3, predictor.size, predictor.size, dtype=torch.uint8)
    statistics = predictor.recipe.normalization(predictor.statistics)
    program = torch.onnx.export(
        FromPixels(predictor.model, statistics).eval(), (blank,), dynamo=True, verbose=False,
        input_names=["images"], output_names=["logits", "probabilities"],
        dynamic_shapes=({0: torch.export.Dim("N")},),
    )  # fmt: skip
    model = program.model_proto
    properties = {
        "classes": json.dumps(predictor.classes, ensure_ascii=False),
        "images": describe_input(predictor),
        "net": predictor.name,
        "trained on": str((predictor.source or {}).get("source", "unknown")),
    }
    onnx.helper.set_model_props(model, properties)
    return model.SerializeToString()


def compare_logits(content, predictor, data, count=64):
    """The largest difference between the logits of an ONNX file and of the net itself.

    content   the bytes from `to_onnx`
    data      an `ImageSet` or `ImageFiles`; `count` images are taken, evenly spread over it

    Raises ValueError where the difference is more than `TOLERANCE` of the largest logit.
    """
    check_packages()
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    chosen = torch.linspace(0, len(data) - 1, min(count, len(data))).round().long()
    batches = predictor.batches(data.select(chosen), device="cpu", batch_size=count)
    mean, std, _ = batches.statistics
    worst = largest = torch.tensor(0.0)
    with torch.inference_mode():
        for images, _ in batches:
            expected = predictor.model(images)
            pixels = images * std[:, None, None] + mean[:, None, None]
            (seen,) = session.run(["logits"], {"images": pixels.round().byte().numpy()})
            difference = (torch.from_numpy(seen) - expected).abs().max()
            worst = torch.maximum(worst, difference)  # NaN stays, which `max` would drop
            largest = torch.maximum(largest, expected.abs().max())
    if not worst <= TOLERANCE * largest or not largest.isfinite():
        raise ValueError(
            f"the exported file does not do what the net does: on {len(chosen)} images of "
            f"{data.name} its logits differ by up to {worst:.2g}, allowed are "
            f"{TOLERANCE * largest:.2g}. No file was written."
        )
    return worst.item()
