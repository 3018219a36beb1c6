"""What notebook 09 says of its outputs and of its recorded runs is so."""

import json
import re
from pathlib import Path
from statistics import mean

import nbformat
import pytest

from alexnet_lib.figures.learned import SHOWN_FILTERS, SHOWN_MAPS
from alexnet_lib.paper.filters import color_share, orientation
from alexnet_lib.training.predictor import Predictor
from alexnet_lib.training.run import Run

COURSE = Path(__file__).parents[2]
CELLS = nbformat.read(COURSE / "notebooks" / "09_what_did_it_learn.ipynb", as_version=4).cells
CODE = {cell.id: cell for cell in CELLS if cell.cell_type == "code"}
TRANSFER = COURSE / "results" / "transfer"
COUNTS, SEEDS = (20, 80, 320, 960), (0, 1, 2)
ENSEMBLE = json.loads((TRANSFER / "ensemble.json").read_text("utf-8"))


def printed(id):
    return "".join(output.get("text", "") for output in CODE[id].outputs)


def test_the_riddle_shows_the_same_filters_and_maps_in_another_order():
    assert sorted(SHOWN_FILTERS) == sorted(SHOWN_MAPS)
    assert all(map(int.__ne__, SHOWN_FILTERS, SHOWN_MAPS))
    weights = Predictor.shipped("cpu").model.features.conv1.weight.detach()[list(SHOWN_FILTERS)]
    color, direction = color_share(weights), orientation(weights)
    assert color.argmax() == 1 and direction[[0, 2, 3]].min() > 0.75  # one red, three striped


def test_training_makes_filters_grayer_and_more_oriented():
    rows = re.findall(r"color (\d\.\d+), orientation (\d\.\d+)", printed("orientation"))
    (color, direction), (color_after, direction_after) = ([float(n) for n in row] for row in rows)
    assert color_after < color - 0.1 and direction_after > direction + 0.2


def test_in_no_run_are_the_towers_farther_apart_than_random_halves_often_are():
    chances = [int(n) for n in re.findall(r"far apart: (\d+) %", printed("permutation"))]
    assert len(chances) == 6 and min(chances) > 20


def test_gradient_maps_fail_the_sanity_check_and_occlusion_passes_it():
    rows = re.findall(r"^(.+?) +trained and .*?(-?\d\.\d+)$", printed("agreement"), re.MULTILINE)
    found = {kind: [float(n) for k, n in rows if k == kind] for kind, _ in rows}
    last, everything, other = found["gradient × input"]
    assert min(last, everything) > other + 0.25
    assert max(map(abs, found["occlusion"])) < 0.25


def test_sparsity_and_votes_rise_as_the_text_says():
    zeros = [int(n) for n in re.findall(r"^trained .* zeros +(\d+) %", printed("sparsity"), re.M)]
    assert zeros == sorted(zeros) and "dead channels 0" in printed("sparsity")
    votes = re.findall(r"^(pixels|untrained|trained) .* (\d+) %$", printed("vote"), re.MULTILINE)
    pixels, untrained, trained = (int(share) for _, share in votes)
    own = int(re.search(r"last layer: (\d+) %", printed("vote"))[1])
    assert pixels < untrained < trained - 15 and trained < own


def test_the_ensemble_and_ten_views_gain_what_the_text_says():
    single, ten = (
        {name: 100 * share for name, share in ENSEMBLE[views].items()}
        for views in ("single", "ten views")
    )
    alone, over_ten = (mean(row[f"seed {seed}"] for seed in SEEDS) for row in (single, ten))
    assert single["ensemble"] > max(single[f"seed {seed}"] for seed in SEEDS)
    gains = single["ensemble"] - alone, over_ten - alone
    assert abs(gains[0] - gains[1]) < 0.5 and ten["ensemble"] - alone < sum(gains)
    assert ENSEMBLE["images"] == 2_000


def test_the_networks_of_the_study_never_saw_the_new_classes():
    for seed in SEEDS:
        net = Predictor.read(TRANSFER / f"eight-classes-seed{seed}.pt", "cpu")
        assert len(net.classes) == 8 and not {"cat", "dog"} & set(net.classes)
        run = Run.read(TRANSFER / f"eight-classes-seed{seed}.json")
        assert run.images["train"] == 18_000
        recorded = ENSEMBLE["single"][f"seed {seed}"]  # with the weights of 16 bits
        assert run.test["top1"] == pytest.approx(recorded, abs=0.002)


@pytest.mark.parametrize("count", COUNTS)
def test_both_kinds_of_transfer_have_a_higher_mean_than_training_from_scratch(count):
    runs = {
        way: [Run.read(TRANSFER / f"{way}-{count}-seed{seed}.json") for seed in SEEDS]
        for way in ("from-scratch", "frozen", "fine-tuned")
    }
    scratch, frozen, tuned = (mean(100 * r.test["top1"] for r in group) for group in runs.values())
    assert min(frozen, tuned) > scratch + 1 and abs(frozen - tuned) < 4
    for run in sum(runs.values(), []):
        assert run.images["train"] == count and run.images["test"] == 1_000
        assert run.recipe["epochs"] == 4 and run.data.endswith(": cat, dog")
    assert all(run.recipe["freeze"] == ["features"] for run in runs["frozen"])


def test_each_way_has_the_best_of_the_rates_that_were_tried():
    tried = json.loads((TRANSFER / "rates.json").read_text("utf-8"))
    for way, found in tried.items():
        run = Run.read(TRANSFER / f"{way.replace(' ', '-')}-80-seed1.json")
        assert run.recipe["learning_rate"] == float(max(found, key=found.get)) and len(found) == 3
