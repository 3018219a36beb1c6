"""The explorer on the site computes what the library's output_size computes."""

import json
import shutil
import subprocess
from itertools import product
from pathlib import Path

import pytest

from alexnet_lib import output_size

SCRIPT = Path(__file__).parents[2] / "site" / "static" / "output_size.js"
LAYERS = [
    *product(range(1, 26), (1, 2, 3, 5, 11), (1, 2, 4, 5), (0, 1, 2, 5), (1, 2, 3), (False, True)),
    *product((55, 224, 227, 256), (1, 3, 11), (1, 2, 4), (0, 2), (1, 2), (False, True)),
]
RUN = """
const { outputSize, sentence } = require(process.argv[1]);
const layers = JSON.parse(require("fs").readFileSync(0, "utf8"));
const names = ["size", "kernel_size", "stride", "padding", "dilation", "ceil_mode"];
console.log(JSON.stringify(layers.map((layer) => {
  const count = outputSize(...layer);
  const named = Object.fromEntries(names.map((name, place) => [name, layer[place]]));
  return [count, sentence(named, count)];
})));
"""


def explored(layers):
    """What the script says of these layers: a list of (output, sentence)."""
    node = shutil.which("node")
    if not node:
        pytest.skip("Node.js is not installed")
    done = subprocess.run(
        [node, "-e", RUN, str(SCRIPT)], input=json.dumps(layers), encoding="utf-8",
        capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def counted(layer):
    """The library's answer; None if the window does not fit."""
    try:
        return output_size(*layer)
    except ValueError as error:
        assert "does not fit" in str(error)
        return None


def test_the_script_agrees_with_the_library():
    expected = [counted(layer) for layer in LAYERS]
    assert expected.count(None) > 500 and len(expected) > 5000
    assert [count for count, _ in explored(LAYERS)] == expected


def test_the_sentence_shows_the_formula_with_its_numbers():
    layers = [
        (227, 11, 4, 0, 1, False), (224, 11, 4, 0, 1, False), (224, 11, 4, 0, 1, True),
        (27, 5, 1, 2, 1, False), (5, 7, 1, 0, 1, False), (5, 1, 4, 1, 1, True),
    ]  # fmt: skip
    sentences = [sentence for _, sentence in explored(layers)]
    assert sentences[:4] == [
        "⌊(227 − 11) / 4⌋ + 1 = ⌊54⌋ + 1 = 55.",
        "⌊(224 − 11) / 4⌋ + 1 = ⌊53.25⌋ + 1 = 54. After the last window, 1 pixel is left.",
        "⌈(224 − 11) / 4⌉ + 1 = ⌈53.25⌉ + 1 = 55. The last window extends 3 beyond the edge.",
        "⌊(27 + 2·2 − 5) / 1⌋ + 1 = ⌊26⌋ + 1 = 27.",
    ]
    assert sentences[4].startswith("A window of 7 pixels does not fit into 5")
    assert "one window would start beyond the image: 2" in sentences[5]
