"""The numbers of docs/imagenet.md follow from recorded runs and from the network's sizes."""

import json
import statistics
from pathlib import Path

from alexnet_lib.nets.build import build
from alexnet_lib.paper.arms import OWN_SIZE
from alexnet_lib.paper.experiments import runs_of_experiment

COURSE = Path(__file__).parents[2]
TEXT = " ".join((COURSE / "docs" / "imagenet.md").read_text(encoding="utf-8").split())
IMAGES, JPEG, DECODED = 1_281_167, 115_000, 256 * 256 * 3  # bytes per image
ALL = 90 * IMAGES


def h200():
    """Images per second of the four trainings that shared a GPU, in epochs in which all ran."""
    runs = [run for arm in runs_of_experiment("alexnet").values() for run in arm]
    assert len(runs) == 4 and {run.device for run in runs} == {"NVIDIA H200"}
    assert {run.recipe["size"] for run in runs} == {OWN_SIZE.size}
    return sum(
        run.images["train"] / statistics.median(row.seconds for row in run.epochs[1:6])
        for run in runs
    )


def cores(kind="avx2"):
    file = COURSE / "results" / "benchmarks" / f"step-cpu-{kind}.json"
    step = json.loads(file.read_text(encoding="utf-8"))
    return step["batch_size"] / sum(step["seconds"].values())


def row(name, speed, time, digits=1):
    rates = " | ".join(f"{speed * size / 1e9:.{digits}f} GB/s" for size in (JPEG, DECODED))
    return f"| {name} | {speed:,.0f} | {time} | {rates} |"


def test_the_table_follows_from_the_measured_speeds():
    speed = h200()
    assert row("two cores with AVX2", cores(), f"{ALL / cores() / 86400:.0f} days", 3) in TEXT
    assert f"with AVX2: {cores():.0f} images per second" in TEXT
    assert f"with AMX: {cores('amx'):.0f} (" in TEXT
    assert row("one H200", speed, f"{ALL / speed / 3600:.1f} hours") in TEXT
    assert row("8 H200", 8 * speed, f"{ALL / speed / 8 / 60:.0f} minutes") in TEXT
    assert row("64 H200", 64 * speed, f"{ALL / speed / 64 / 60:.1f} minutes") in TEXT
    assert f"{ALL / 1e6:.1f} million images" in TEXT and f"{IMAGES:,} images" in TEXT


def test_the_papers_days_are_images_per_second():
    least, most = (ALL / (days * 86400) for days in (6, 5))
    assert f"{least:.0f} to {most:.0f} images per second" in TEXT


def test_gradients_steps_and_bytes_follow_from_the_network():
    parameters = sum(p.numel() for p in build("paper", 1000).parameters())
    assert f"{parameters:,} parameters, which is {4 * parameters / 1e6:.0f} MB" in TEXT
    eight, many = (2 * (n - 1) / n * 4 * parameters for n in (8, 64))
    assert f"{eight / 1e6:.0f} MB for 8 GPUs, {many / 1e6:.0f} MB for 64" in TEXT
    step = 128 / h200()
    assert f"takes {1000 * step:.1f} ms" in TEXT
    assert f"send {eight / step / 1e9:.0f} or {many / step / 1e9:.0f} GB per second" in TEXT
    assert f"has {-(-IMAGES // 8192)} steps instead of {-(-IMAGES // 128):,}" in TEXT
    assert f"takes {IMAGES * DECODED / 1e9:.0f} GB" in TEXT
    assert f"{IMAGES * JPEG / 1e9:.0f} GB for the training images" in TEXT
