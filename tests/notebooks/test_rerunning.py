"""Cells can be run again: a reader goes back to a figure, or interrupts a training."""

import ast
import copy
from pathlib import Path

import nbformat
import pytest
import torch
import torch.nn.functional as F
from course_notebooks import course_notebooks
from torch import nn

COURSE = Path(__file__).parents[2]
PATHS = course_notebooks(COURSE)
NUMBERS = {path.stem[:2]: path for path in PATHS}


def sources(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"][1:]  # but for the set-up


def names(tree, context):
    """The names that the lines of a cell read or give, not those inside functions and brackets."""
    waiting, found, inner = [tree], set(), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.comprehension):
            inner |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        children = ast.iter_child_nodes(node)
        functions = ast.FunctionDef, ast.ClassDef, ast.Lambda
        waiting += [child for child in children if not isinstance(child, functions)]
    return found - inner


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_figure_can_be_drawn_again_when_all_cells_have_run(path):
    """No later cell gives another meaning to a name that the figure's cell reads."""
    trees = [ast.parse(source) for source in sources(path)]
    given = [names(tree, ast.Store) for tree in trees]
    for place, tree in enumerate(trees):
        if "show" in names(tree, ast.Load):
            read = names(tree, ast.Load) - given[place]
            later = set().union(*given[place + 1 :])
            assert read & later == set(), sources(path)[place]


def cell(number, beginning):
    (found,) = [source for source in sources(NUMBERS[number]) if beginning in source]
    return found


def test_the_table_of_notebook_05_still_shows_the_trained_net_when_its_cell_runs_again(capsys):
    def small_net():
        torch.manual_seed(0)
        net = nn.Sequential()
        net.conv1, net.fc8 = nn.Linear(3, 4), nn.Linear(4, 10)
        net.fc8.weight.data *= 1e-3
        return net

    batch = torch.randn(8, 3), torch.arange(8)
    model = small_net()
    model.conv1.weight.data *= 2  # what training did
    given = dict(torch=torch, nn=nn, F=F, model=model, batches=lambda **_: [batch])
    for beginning in ("def layers", "def watch", "def dead"):
        exec(cell("05", beginning), given)
    given["paper_net"] = small_net
    given["init_paper_"] = lambda net: net.load_state_dict(small_net().state_dict()) and net
    capsys.readouterr()
    for _ in range(2):
        exec(cell("05", "their_labels = next("), given)
    first, again = capsys.readouterr().out.split("std over images", 1)[1].split("std over images")
    assert first.split() == again.split()


def test_gradients_of_notebook_11_are_compared_again_when_their_cell_runs_again():
    net, images, labels = nn.Linear(3, 2), torch.randn(4, 3), torch.tensor([0, 1, 1, 0])
    logits = net(images)
    F.cross_entropy(logits, labels).backward()
    gradients = {name: weight.grad.clone() for name, weight in net.named_parameters()}
    given = dict(torch=torch, F=F, net=net, images=images, labels=labels, logits=logits.detach())
    given |= dict(results=[(logits, gradients, {})], half=lambda tensors, rank: tensors)
    for _ in range(2):
        exec(cell("11", "the logits are equal"), given)


def test_a_layer_of_notebook_11_is_wrapped_once_however_often_its_cell_runs():
    net = nn.Module()
    net.features = nn.Module()
    net.features.lrn1 = net.features.lrn2 = nn.LocalResponseNorm(5, k=2.0)
    given = dict(torch=torch, nn=nn, net=net)
    for _ in range(2):
        exec(cell("11", "class InTowers"), given)
    assert type(net.features.lrn1.layer) is nn.LocalResponseNorm


def test_a_training_of_notebook_07_that_is_run_again_begins_again():
    """Its stages are those of the last run, also if the first one was interrupted."""
    given = dict(torch=torch, copy=copy, net={}, course=lambda: None, folder=None)
    given |= dict(build=lambda: nn.Linear(2, 2), init_he_=nn.Module.eval, train=[], validation=[])
    given |= dict(live_curves=lambda: None, Checkpoints=lambda *_: None, recipe=lambda: None)
    given["recipe"].seed, given["course"].device = 0, "cpu"

    def fit(model, *_, report, **__):
        for _ in range(given["epochs"]):
            model.weight.data += 1
            given["stages"].append(copy.deepcopy(model.state_dict()))

    given |= dict(fit=fit, report=None)
    for given["epochs"] in (2, 5):
        exec(cell("07", "run = fit(model, train, validation, recipe, report=report"), given)
        stages = [stage["weight"] for stage in given["stages"]]
        assert len(stages) == 1 + given["epochs"]
        torch.testing.assert_close(stages[-1], stages[0] + given["epochs"])
        torch.manual_seed(0)
        assert torch.equal(stages[0], nn.Linear(2, 2).weight)
