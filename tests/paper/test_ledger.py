"""The ledger is data; its checks hold here, and fail where what they look at is broken."""

import re

import pytest
import torch
from torch import nn

from alexnet_lib.nets import init, lrn as layers
from alexnet_lib.paper import ledger_checks as checks
from alexnet_lib.paper.ledger import LEDGER
from alexnet_lib.paper.ledger_checks import CHECKS

POOL, COLOR_STATISTICS = nn.MaxPool2d, checks.color_statistics
TOPICS = [line.topic for line in LEDGER]


def test_each_topic_stands_in_the_ledger_once():
    assert len(set(TOPICS)) == len(TOPICS) >= 20


@pytest.mark.parametrize("line", LEDGER, ids=TOPICS)
def test_a_line_says_something_of_all_three_and_fits_into_a_table(line):
    assert all(text and text == text.strip() and len(text) <= 80 for text in line)
    assert not re.search(r"[|*_\n]", " ".join(line).replace("ceil_mode", ""))


def test_every_check_belongs_to_a_line_and_most_lines_have_one():
    assert set(CHECKS) <= set(TOPICS)
    assert len(CHECKS) >= 20


@pytest.mark.parametrize("topic", CHECKS)
def test_a_check_holds_and_says_the_same_sentence_each_time(topic):
    state = torch.get_rng_state()
    sentence = CHECKS[topic]()
    assert re.fullmatch(r"\S.*\.", sentence) and len(sentence) <= 120
    assert re.search(r"\d", sentence)
    torch.rand(1)
    assert CHECKS[topic]() == sentence
    torch.set_rng_state(state)


def test_a_check_leaves_the_random_draws_of_others_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    for topic in ("dropout", "initial weights", "crops in a batch"):
        CHECKS[topic]()
    assert torch.equal(torch.rand(3), expected)


def lrn_with(**changes):
    """A LocalResponseNorm that does not do as it is told, in one point."""

    class Broken(layers.LocalResponseNorm):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            vars(self).update(changes)

    return Broken


def one_path_twice(rates):
    path = torch.tensor([0.0, *rates]).cumsum(0)
    return path, path


BROKEN = [  # (topic, where, name, what stands there instead)
    ("input size", checks, "output_size", lambda *arguments, **options: 54),
    ("pools", nn, "MaxPool2d", lambda *window, ceil_mode=False: POOL(*window)),
    ("parameters", checks, "layer_table", lambda *arguments: []),
    ("LRN: alpha", checks, "LocalResponseNorm", lrn_with(convention="torch")),
    ("LRN: alpha", nn, "LocalResponseNorm", lrn_with(convention="paper")),
    ("LRN: k", nn, "LocalResponseNorm", layers.LocalResponseNorm),
    ("LRN: k", checks, "LocalResponseNorm", lrn_with(k=1.0)),
    ("LRN: edges", nn, "LocalResponseNorm", lrn_with(convention="paper")),
    ("LRN: even n", nn, "LocalResponseNorm", lrn_with(size=5)),
    ("LRN: between towers", checks, "LocalResponseNorm", lrn_with(size=1)),
    ("input scale", checks, "LocalResponseNorm", lrn_with(alpha=0.0)),
    ("input scale", checks, "LocalResponseNorm", lrn_with(alpha=1.0)),
    ("number of crops", checks, "output_size", lambda *arguments: 32),
    ("dropout", nn, "Dropout", nn.AlphaDropout),
    ("momentum", checks, "paths", one_path_twice),
    ("initial weights", checks, "init_code_2012_", init.init_paper_),
    ("initial biases", checks, "init_paper_", init.init_he_),
]


@pytest.mark.parametrize(
    ("topic", "place", "name", "instead"), BROKEN, ids=[f"{b[0]}-{b[2]}" for b in BROKEN]
)
def test_a_check_fails_where_what_it_looks_at_is_broken(topic, place, name, instead, monkeypatch):
    monkeypatch.setattr(place, name, instead)
    with pytest.raises(AssertionError):
        CHECKS[topic]()


def test_colors_scaled_by_the_eigenvalue_itself_are_found(monkeypatch):
    def by_eigenvalue(data):
        taken = COLOR_STATISTICS(data)
        return taken._replace(components=taken.components * taken.components.norm(dim=0))

    monkeypatch.setattr(checks, "color_statistics", by_eigenvalue)
    with pytest.raises(AssertionError):
        CHECKS["PCA color"]()


def test_an_optimizer_that_decays_no_bias_is_found(monkeypatch):
    class WithoutBiases(torch.optim.SGD):
        def __init__(self, groups, **options):
            super().__init__(groups, **options)
            self.param_groups[0]["params"] = self.param_groups[0]["params"][:1]

    monkeypatch.setattr(torch.optim, "SGD", WithoutBiases)
    for topic in ("weight decay", "learning rate of biases"):
        with pytest.raises(AssertionError):
            CHECKS[topic]()


def test_one_crop_for_the_whole_batch_is_found(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape, 0.9))
    with pytest.raises(AssertionError):
        CHECKS["crops in a batch"]()
