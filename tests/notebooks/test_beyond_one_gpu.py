"""What the text of notebook 11 says of bytes and speeds is what the library computes."""

from math import prod
from pathlib import Path

import nbformat
import parallel_figures
import pytest

from alexnet_lib.nets.layer_table import layer_table

COURSE = Path(__file__).parents[2]
CELLS = nbformat.read(COURSE / "notebooks" / "11_beyond_one_gpu.ipynb", as_version=4).cells
TEXT = {cell.id: " ".join(cell.source.split()) for cell in CELLS if cell.cell_type == "markdown"}
SHOWN = {
    cell.id: "".join(output.get("text", "") for output in cell.outputs)
    for cell in CELLS
    if cell.cell_type == "code"
}


def layers():
    """{layer: (parameters, inputs per image)} of the network in one tower, without conv1."""
    found, before = {}, None
    for row in layer_table("one-tower"):
        if row.parameters and before:
            found[row.name] = row.parameters, prod(before)
        before = row.shape
    return found


def sent(batch):
    """Bytes that one of two GPUs sends per step: with the data split, and in the hybrid."""
    conv1 = layer_table("one-tower")[0].parameters
    data = conv1 + sum(parameters for parameters, _ in layers().values())
    hybrid = conv1 + sum(
        parameters if name.startswith("conv") else batch * inputs
        for name, (parameters, inputs) in layers().items()
    )
    return 4 * data, 4 * hybrid


def towers(batch):
    """Bytes that one of the paper's GPUs sends per step: forward and backward, but once for fc8."""
    size = {row.name: prod(row.shape) // 2 for row in layer_table("paper")}
    return 4 * batch * (2 * (size["pool2"] + size["pool5"] + size["fc6"]) + size["fc7"])


def test_the_head_shows_what_crosses():
    alt = CELLS[0].source
    for name, _, crossing in parallel_figures.crossings():
        assert crossing is None or (name in alt and f"{crossing:.1f} MB" in alt)


def test_the_figures_bytes_are_those_that_the_processes_counted():
    crossing = {name: number for name, _, number in parallel_figures.crossings() if number}
    total = sum(number * (1 if name == "fc8" else 2) for name, number in crossing.items())
    assert total == pytest.approx(towers(128) / 1e6, abs=0.5)
    assert f"sends {towers(128) / 1e6:.1f} MB per step" in SHOWN["bytes"]


def test_the_table_has_the_break_even_batches():
    for name, (parameters, inputs) in layers().items():
        assert f"{name}" in SHOWN["even"] and f" {parameters / inputs:,.0f}\n" in SHOWN["even"]
    for kind, batch in (("conv", "15"), ("fc", "3,368")):
        chosen = [numbers for name, numbers in layers().items() if name.startswith(kind)]
        parameters, inputs = map(sum, zip(*chosen, strict=True))
        assert f"{parameters / inputs:,.0f}" == batch
    figure = next(cell for cell in CELLS if cell.id == "figure")
    (alt,) = (output.metadata["image/png"]["alt"] for output in figure.outputs if output.metadata)
    assert "from 15 images on, fc6 to fc8 from 3,368" in alt


def test_what_the_text_says_of_the_hybrid_is_so():
    data, hybrid = sent(128)
    assert "sends a tenth of what the data split sends" in TEXT["s6end"]
    assert 0.09 < hybrid / data < 0.11 and hybrid < towers(128)
    data, hybrid = sent(8192)
    assert data < hybrid < towers(8192)


def test_what_the_text_says_of_2012_is_so():
    assert "3.2 trillion operations per second, so almost a third" in TEXT["s8b"]
    speed = 90 * 1.2e6 / (5.5 * 86_400)
    operations = 6 * speed * sum(row.macs for row in layer_table("paper"))
    assert 0.29 < operations / 3.2e12 < 1 / 3
    assert f"{speed:.0f} images" in SHOWN["cost"]
