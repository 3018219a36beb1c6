"""The study of notebook 09: the new classes stay unseen, and each run has as many steps."""

import json

import pytest
import torch
from helpers import image_folder

from alexnet_lib.data.image_set import ImageSet
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run
from studies.transfer import record


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The study on a folder of tiny images, with few of them and few steps: calls `main`."""
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path / "cache"))
    names = [
        f"{split}/{c}/{i}.png"
        for split in ("train", "test")
        for c in ("cat", "dog", "frog", "ship")
        for i in range(20)
    ]
    folder = image_folder(tmp_path / "pictures", names)
    for name, value in (("SEEDS", (0, 1)), ("COUNTS", (4,)), ("STEPS", 4), ("BATCH", 4),
                        ("RATES", (0.01,)), ("TRIED", 4)):  # fmt: skip
        monkeypatch.setattr(record, name, value)
    monkeypatch.setattr(record, "EIGHT", record.replace(record.EIGHT, epochs=1, batch_size=8))
    monkeypatch.setattr(record, "FEW", record.replace(record.FEW, batch_size=4))
    out = tmp_path / "out"
    words = ["--data", str(folder), "--out", str(out), "--device", "cpu"]
    return out, lambda part: record.main([part, *words])


def test_the_study_records_nets_ensemble_and_transfer_once(small):
    out, main = small
    main("nets")
    net = Predictor.read(record.net_path(out, 0), "cpu")
    assert net.classes == ("frog", "ship") and net.source["source"] == "cifar10"
    found = json.loads((out / "ensemble.json").read_text("utf-8"))
    assert set(found["single"]) == {"seed 0", "seed 1", "ensemble"} == set(found["ten views"])
    assert found["images"] == 40
    main("transfer")
    written = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert len(written) == 2 * 2 + 2 + 3 * 2 and not any("work" in name for name in written)
    run = Run.read(out / "frozen-4-seed1.json")
    assert (
        run.images["train"] == 4 and run.test and run.pretrained.startswith("eight-classes-seed1")
    )
    assert Run.read(out / "from-scratch-4-seed1.json").pretrained is None
    (out / "rates.json").touch()
    main("transfer")
    again = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert {name for name in written if again[name] != written[name]} == {"rates.json"}


def test_a_balanced_draw_has_equally_many_of_each_class_and_follows_the_seed():
    labels = torch.tensor([0] * 10 + [1] * 30)
    images = torch.arange(40, dtype=torch.uint8).view(40, 1, 1, 1).expand(40, 3, 2, 2)
    data = ImageSet(images, labels, ("cat", "dog"), "numbered")
    first, same, other = (record.balanced(data, 8, seed) for seed in (0, 0, 1))
    assert first.counts() == [4, 4] and len(first.images.unique()) == 8
    assert torch.equal(first.images, same.images)
    assert not torch.equal(first.images, other.images)


def test_every_number_of_images_divides_the_images_of_an_epoch():
    shown = record.STEPS * record.BATCH // record.FEW.epochs
    assert all(shown % count == 0 for count in record.COUNTS)
    assert set(record.RATES) >= {0.01} and set(record.WAYS) == {
        "from scratch",
        "frozen",
        "fine-tuned",
    }
