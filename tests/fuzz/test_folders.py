"""`data` reads every folder rightly or refuses it in a few lines, and writes nowhere else."""

import shutil
import unicodedata
import warnings

import matplotlib.pyplot as plt
from folders import ANY, TEST, TRAIN, VALIDATION, Folder
from fuzzing import cases, is_refusal, limited, peak_memory
from helpers import run

from alexnet_lib.data import load as load_module
from alexnet_lib.figures import images

MAY_BE = {"train", "Train", "valid"}  # a class, where it stands alone among other classes
DRAWN = 10  # every so many folders' samples are drawn
MOST_MEMORY = 1e9  # bytes that the process may grow by


def test_every_folder_is_read_rightly_or_refused(tmp_path, monkeypatch, capsys):
    before = peak_memory()
    seen = {}

    def load(source, split, **options):
        seen[split] = real_load(source, split, **options)
        return seen[split]

    real_load, real_grid = load_module.load, images.image_grid
    monkeypatch.setattr(load_module, "load", load)
    read = refused = 0
    for seed, random in cases():
        here = tmp_path / "here"
        (here / "work").mkdir(parents=True)
        monkeypatch.chdir(here / "work")
        monkeypatch.setenv("ALEXNET_DATA", str(here / "cache"))
        grid = real_grid if seed % DRAWN == 0 else lambda sample: plt.figure()
        monkeypatch.setattr(images, "image_grid", grid)
        folder = Folder(here / "pictures", random).build()
        skip = random.random() < 0.5
        with limited(seed, f"{folder.did}, skip_broken {skip}"):
            content = sorted(folder.top.rglob("*"))
            seen.clear()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                code = run("data", folder.top, *["--skip-broken"] * skip)
            printed = capsys.readouterr()
            if folder.expected == ANY:
                assert is_refusal(code, printed.err) or code == 0, printed
                assert code or not {*TRAIN, *TEST, *VALIDATION} & {*seen["train"].classes} - MAY_BE
            elif folder.expected is None or (folder.broken and not skip):
                assert is_refusal(code, printed.err), printed
                refused += 1
            else:
                assert code == 0, printed.err
                assert found(seen, folder.expected) == readable(folder.expected)
                read += 1
            assert sorted(folder.top.rglob("*")) == content, "something was written there"
            assert {path.name for path in here.iterdir()} <= {"work", "cache", "pictures"}
            assert {path.suffix for path in (here / "work").iterdir()} <= {".png"}
            assert "\x1b" not in printed.out + printed.err
        plt.close("all")
        shutil.rmtree(here)
    assert (read and refused) or seed < 20
    assert peak_memory() - before < MOST_MEMORY


def found(sets, expected):
    """What was loaded, in the form of `expected`."""
    names = sets["train"].classes
    counts = [sets[split].counts() for split in ("train", "validation", "test")]
    if all(isinstance(count, tuple) for count in expected.values()):
        return {n: (a + b, c) for n, a, b, c in zip(names, *counts, strict=True)}
    return {n: a + b + c for n, a, b, c in zip(names, *counts, strict=True)}


def readable(expected):
    """Names of classes as they are shown: composed, and without control characters."""

    def shown(name):
        composed = unicodedata.normalize("NFC", name)
        return "".join("\ufffd" if unicodedata.category(c) == "Cc" else c for c in composed)

    return {shown(name): count for name, count in expected.items()}
