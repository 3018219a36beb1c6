"""Altered checkpoints and runs are read as before, or refused in a sentence, and never crash."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from fuzzing import cases
from helpers import colors, recorded_run

from alexnet_lib.nets.build import build
from alexnet_lib.training.checkpoint import Checkpoints, load_weights, read_checkpoint, restore_net
from alexnet_lib.training.fit import fit
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.recipe import Recipe
from alexnet_lib.training.run import Run

HERE = Path(__file__)
NET = {"name": "four-layer", "num_classes": 3}


def odd_values():
    """Values that a checkpoint has nowhere, at least not all of them in one place."""
    nested, cyclic = [], []
    cyclic.append(cyclic)
    for _ in range(200):
        nested = [nested]
    wide = torch.zeros(1).expand(10**6, 10**6)
    tensors = [
        torch.zeros(1), torch.zeros(0), torch.tensor(float("nan")), wide, torch.zeros(3).double(),
        torch.zeros(2, 3, dtype=torch.int64), torch.ones(4, 4).to_sparse(), torch.eye(3) > 0,
        torch.empty(3, device="meta"), torch.zeros(3, dtype=torch.complex64).conj(),
    ]  # fmt: skip
    plain = [
        None, True, False, 0, -1, 1, 3, 2**31, 2**63, -(2**64), 10**150, 0.5, -0.0, float("nan"),
        float("inf"), 1e308, "", "x", "../evil", "/etc/passwd", "a\0b", "\x1b[31m", "\udcff",
        "x" * 10**6, "<img src=x onerror=alert(1)>", b"bytes", (), [], {}, [1], ["a"] * 3,
        ["red", "red", "blue"], {"a": 1}, {1: 2}, {None: None}, {"data": "evil"}, nested, cyclic,
    ]  # fmt: skip
    return plain + tensors


def places(content, path=()):
    """The path of every value in nested dicts, lists and tuples, down to the eighth level."""
    yield path
    if len(path) == 8:
        return
    if isinstance(content, dict):
        for name, value in content.items():
            yield from places(value, (*path, name))
    elif isinstance(content, list | tuple):
        for number, value in enumerate(content):
            yield from places(value, (*path, number))


def put(content, path, change):
    """The same content with `change(value)` at the path."""
    if not path:
        return change(content)
    first, rest = path[0], path[1:]
    if isinstance(content, dict):
        return {name: put(v, rest, change) if name == first else v for name, v in content.items()}
    parts = [put(v, rest, change) if number == first else v for number, v in enumerate(content)]
    return type(content)(parts)


def alter(content, draw):
    """The content with one to three values replaced, removed or added."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        path = draw.choice(list(places(content)))
        odd = draw.choice(odd_values())
        kind = draw.random()
        if kind < 0.6 or not path:
            content = put(content, path, lambda _, odd=odd: odd)
        elif kind < 0.8:
            content = put(content, path[:-1], lambda held, path=path: without(held, path[-1]))
        else:
            content = put(content, path[:-1], lambda held, odd=odd: added(held, odd, draw))
    return content


def without(held, key):
    if isinstance(held, dict):
        return {name: value for name, value in held.items() if name != key}
    return type(held)(value for number, value in enumerate(held) if number != key)


def added(held, odd, draw):
    if isinstance(held, dict):
        return held | {draw.choice(("new", "data", "device", "", 7)): odd}
    return type(held)([*held, odd])


def damage(whole, draw):
    """The bytes of a file with some of them changed, cut or compressed."""
    kind = draw.random()
    if kind < 0.2:
        return whole[: draw.randrange(len(whole))]
    if kind < 0.3:
        packed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
                for entry in old.infolist():
                    new.writestr(entry.filename, old.read(entry))
        return packed.getvalue()
    content = bytearray(whole)
    if kind < 0.7:  # in the pickle, which describes tensors
        start = whole.index(b"data.pkl")
        end = whole.index(b"PK", start)
        spots = [draw.randrange(start, end) for _ in range(draw.choice((1, 1, 4)))]
    else:
        spots = [draw.randrange(len(whole)) for _ in range(20)]
    for spot in spots:
        content[spot] = draw.randrange(256)
    return bytes(content)


def readers(folder, content):
    """Everything that reads a checkpoint: the file in a folder, or its content (None: no dict)."""

    def resume():
        content = read_checkpoint(folder)
        Recipe(**content["run"]["recipe"])
        model, recipe = build(**content["net"]), Recipe(epochs=2, batch_size=16)
        fit(model, colors(), colors(3), recipe, checkpoints=Checkpoints(resume=content))

    def restore():
        restore_net(content)
        load_weights(build(**NET), content)

    def predict():
        predictor = Predictor.read(folder, "cpu")
        next(iter(predictor.batches(colors(3))))
        predictor.model(torch.zeros(1, 3, 32, 32))

    usable = isinstance(content, dict) and {"net", "model"} <= set(content)
    return (predict, resume, restore) if usable else (predict, resume)


def try_alterations(folder):
    """Reads the checkpoint of a folder in altered forms; prints each seed before it is tried."""
    whole = (folder / "checkpoint.pt").read_bytes()
    content = torch.load(folder / "checkpoint.pt", weights_only=True)
    target = folder / "altered"
    target.mkdir(exist_ok=True)
    for seed, draw in cases(share=0.7):
        print(seed, flush=True)
        altered = None
        if draw.random() < 0.7:
            altered = alter(content, draw)
            torch.save(altered, target / "checkpoint.pt")
        else:
            (target / "checkpoint.pt").write_bytes(damage(whole, draw))
        for reader in readers(target, altered):
            try:
                reader()
            except (ValueError, FloatingPointError) as error:
                assert 5 < len(str(error)) < 2000, str(error)[:300]


@pytest.mark.skipif(sys.platform == "win32", reason="tries what only Unix reports as a signal")
def test_altered_checkpoints_are_refused_in_a_sentence_or_read_as_before(tmp_path):
    recipe = Recipe(epochs=1, batch_size=16, init="he")
    source = {"source": "shapes10", "size": None}
    fit(build(**NET), colors(), colors(3), recipe, checkpoints=Checkpoints(tmp_path, NET, source))
    code = f"import sys; sys.path[:0] = {[str(HERE.parent), *sys.path]!r}\n"
    code += "from pathlib import Path\nfrom test_checkpoints_fuzz import try_alterations\n"
    code += f"try_alterations(Path({str(tmp_path)!r}))"
    environment = os.environ | {"TQDM_DISABLE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    last = done.stdout.strip().rpartition("\n")[2]
    assert done.returncode == 0, f"seed {last}: exit {done.returncode}\n{done.stderr[-3000:]}"
    assert last


def test_altered_runs_are_refused_in_a_sentence_or_read_as_before(tmp_path):
    path = tmp_path / "run.json"
    recorded_run().write(path)
    whole = path.read_bytes()
    content = json.loads(whole)
    odd_text = ['{"a":' * 5000, "[" * 100_000, "NaN", '{"model": 1, "model": 2}', "1" * 10_000]
    for seed, draw in cases(share=0.2):
        if draw.random() < 0.7:
            try:
                path.write_text(json.dumps(alter(content, draw)), encoding="utf-8")
            except (TypeError, ValueError):  # what JSON cannot hold
                pass
        elif draw.random() < 0.2:
            path.write_text(draw.choice(odd_text))
        else:
            altered = bytearray(whole)
            altered[draw.randrange(len(whole))] = draw.randrange(256)
            path.write_bytes(bytes(altered))
        try:
            run = Run.read(path)
            str(run), run.gap, run.seed, run.test_error
            run.write(tmp_path / "again.json")
            assert repr(Run.read(tmp_path / "again.json")) == repr(run)
        except ValueError as error:
            assert "run.json is not a recorded run: " in str(error), seed
            assert len(str(error)) < 2000
