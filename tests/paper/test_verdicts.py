"""Verdicts follow from the runs: a change no larger than the seeds differ is no change."""

import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from helpers import epoch

import results
from alexnet_lib.figures.claims_chart import claim_changes
from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.experiments import ARMS, EXPERIMENTS, net_in_words
from alexnet_lib.paper.filters import filters_image
from alexnet_lib.paper.records import record_path
from alexnet_lib.paper.verdict_rules import (
    DROPOUT_FEW_IMAGES,
    DROPOUT_MORE_IMAGES,
    HOLDS,
    NOT,
    PART,
    RULES,
    UNDECIDED,
    colors_of_towers,
    runs_of,
)
from alexnet_lib.paper.verdicts import OPEN, Verdict, verdict_on, verdict_table, verdict_text
from alexnet_lib.training.run import Run

COURSE = Path(__file__).parents[2]


def record(folder, name, numbers, epochs=None, **row):
    """Runs of an arm with these test errors in percent; `epochs`, or one of the `row`'s numbers."""
    arm = ARMS[name]
    for seed, number in enumerate(numbers):
        Run(
            net_in_words(arm), 1, "Drawn, synthetic", {"train": arm.images},
            asdict(replace(arm.recipe, name=name, seed=seed)), "cpu", {}, None,
            [epoch(**dict(train_error=0.2, validation_top1=0.7, validation_loss=1.0) | row)]
            if epochs is None else epochs,
            {"top1": 1 - number / 100, "ten_views_top1": 1 - (number - 1) / 100},
        ).write(record_path(folder, name, seed))  # fmt: skip


LOW, HIGH, NEAR = (20.0, 20.3, 20.1), (22.1, 22.0, 22.4), (20.2, 20.5, 20.0)


SIMPLE = {
    "two GPUs": ("half as wide", "two towers"),
    "overlapping pools": ("pools 2x2", "four-layer"),
    "color": ("four-layer", "crops, flips, color"),
    "drops of the rate": ("constant rate", "drops of the rate"),
}


def test_a_run_that_diverged_leaves_a_claim_open(tmp_path):
    record(tmp_path, "pools 2x2", HIGH)
    record(tmp_path, "four-layer", LOW)
    file = record_path(tmp_path, "four-layer", 1)
    replace(Run.read(file), epochs=[], test=None).write(file)
    for name in ("overlapping pools", "pools and overfitting", "ten views"):
        assert verdict_on(name, tmp_path).verdict == OPEN
    assert claim_changes(tmp_path) == []


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize(("before", "after", "found"), [
    (HIGH, LOW, HOLDS), (LOW, HIGH, NOT), (LOW, NEAR, NOT), (NEAR, LOW, NOT),
])  # fmt: skip
def test_what_lowers_the_test_error_clearly_holds(name, before, after, found, tmp_path):
    record(tmp_path, SIMPLE[name][0], before)
    record(tmp_path, SIMPLE[name][1], after)
    assert verdict_on(name, tmp_path).verdict == found


def test_a_point_of_color_was_claimed_and_less_holds_in_part(tmp_path):
    record(tmp_path, "four-layer", (20.5, 20.6, 20.7))
    record(tmp_path, "crops, flips, color", LOW)
    assert verdict_on("color", tmp_path).verdict == PART


def test_a_verdict_says_on_which_net_images_epochs_and_data_it_rests(tmp_path):
    record(tmp_path, "half as wide", HIGH)
    record(tmp_path, "two towers", LOW)
    found = verdict_on("two GPUs", tmp_path)
    assert found[3:] == ("paper, width 0.25", 20_000, "10", "Drawn, synthetic")
    assert found.measured == "test error 22.2 → 20.1 %: -2.0 points (seeds differ by 0.4)"
    said = verdict_text("two GPUs", tmp_path)
    assert said.startswith("**Holds.** test error 22.2 → 20.1 %")
    assert said.endswith("*paper, width 0.25; 20,000 images, 10 epochs, Drawn, synthetic*")


def test_fewer_than_three_seeds_give_no_verdict(tmp_path):
    record(tmp_path, "half as wide", HIGH)
    record(tmp_path, "two towers", LOW[:2])
    assert verdict_on("two GPUs", tmp_path) == Verdict("two GPUs", OPEN)


@pytest.mark.parametrize("name", RULES)
def test_without_runs_there_is_no_verdict(name, tmp_path):
    assert verdict_on(name, tmp_path / "none").verdict == OPEN


def test_a_claim_that_is_none_is_refused():
    with pytest.raises(ValueError, match="paper.claims.CLAIMS"):
        verdict_on("world peace")


def race(folder, init, relu, tanh):
    """Runs of the relu experiment whose quickest arms get to 25 % in so many epochs."""
    for activation, needed in (("relu", relu), ("tanh", tanh)):
        for group in EXPERIMENTS["relu"].groups:
            if not group[0].startswith(f"race {activation} {init}"):
                continue
            for rank, name in enumerate(group):
                rows = [epoch(train_error=0.9)] * (needed + (rank != 1)) + [epoch(train_error=0.1)]
                record(folder, name, LOW if rank == 1 else LOW[:1], rows)


@pytest.mark.parametrize(
    ("he", "original", "found"),
    [
        ((2, 12), (3, 20), HOLDS),
        ((5, 5), (2, 20), PART),
        ((5, 5), (6, 6), NOT),
        ((9, 3), (9, 3), NOT),
    ],
)
def test_relu_is_six_times_faster_where_tanh_takes_six_times_the_steps(
    he, original, found, tmp_path
):
    race(tmp_path, "he", *he)
    race(tmp_path, "code-2012", *original)
    result = verdict_on("six times faster", tmp_path)
    assert (result.verdict, result.net, result.epochs) == (found, "four-layer", "up to 60")


def not_reached(folder, start):
    """The race's arms of this kind stay at 50 %."""
    for group in EXPERIMENTS["relu"].groups:
        for name in group if group[0].startswith(start) else ():
            record(folder, name, LOW, [epoch(train_error=0.5)] * 25)


def test_a_race_that_tanh_does_not_finish_gives_a_lower_bound(tmp_path):
    race(tmp_path, "he", 2, 20)
    race(tmp_path, "code-2012", 3, 3)
    not_reached(tmp_path, "race tanh code-2012")
    found = verdict_on("six times faster", tmp_path)
    steps = runs_of(tmp_path, "race relu code-2012 0.003")[0].steps_until(0.25)
    assert f"more than {25 * 157 / steps:.1f} times" in found.measured and found.verdict == HOLDS


def test_a_race_that_relu_does_not_finish_is_lost(tmp_path):
    race(tmp_path, "he", 5, 5)
    race(tmp_path, "code-2012", 3, 3)
    not_reached(tmp_path, "race relu code-2012")
    found = verdict_on("six times faster", tmp_path)
    assert "ReLU does not get there" in found.measured and found.verdict == NOT


@pytest.mark.parametrize(
    ("raw", "scaled", "found"), [(LOW, LOW, HOLDS), (LOW, HIGH, PART), (HIGH, HIGH, NOT)]
)
def test_lrn_is_judged_on_raw_pixels_and_with_alpha_scaled(raw, scaled, found, tmp_path):
    for name in ("raw", "four-layer", "LRN"):
        record(tmp_path, name, HIGH)
    record(tmp_path, "raw, LRN", raw)
    record(tmp_path, "LRN, scaled alpha", scaled)
    result = verdict_on("LRN on CIFAR-10", tmp_path)
    assert result.verdict == found and "α as it was: test error 22.2 → 22.2" in result.measured


def test_overfitting_is_the_gap_between_validation_and_training(tmp_path):
    record(tmp_path, "no augmentation", HIGH, train_error=0.05)
    record(tmp_path, "four-layer", LOW, train_error=0.28)
    assert verdict_on("crops and flips", tmp_path).verdict == HOLDS
    assert "gap 25.0 → 2.0 points" in verdict_on("crops and flips", tmp_path).measured
    record(tmp_path, "four-layer", LOW, train_error=0.05)
    assert verdict_on("crops and flips", tmp_path).verdict == PART


@pytest.mark.parametrize(
    ("few", "more", "found"),
    [(0.28, 0.28, HOLDS), (0.28, 0.05, PART), (0.05, 0.28, PART), (0.05, 0.05, NOT)],
)
def test_dropout_is_judged_by_the_gap_with_few_images_and_with_more(few, more, found, tmp_path):
    for (before, after), train_error in zip(
        (DROPOUT_FEW_IMAGES, DROPOUT_MORE_IMAGES), (few, more), strict=True
    ):
        record(tmp_path, before, LOW, train_error=0.05)
        record(tmp_path, after, LOW, train_error=train_error)
    assert verdict_on("dropout", tmp_path).verdict == found


def test_pools_that_overlap_overfit_less_where_the_gap_is_smaller(tmp_path):
    record(tmp_path, "pools 2x2", LOW, train_error=0.1)
    record(tmp_path, "four-layer", LOW, train_error=0.2)
    assert verdict_on("pools and overfitting", tmp_path).verdict == HOLDS
    record(tmp_path, "pools 2x2", LOW, train_error=0.3)
    assert verdict_on("pools and overfitting", tmp_path).verdict == NOT


def test_weight_decay_is_judged_by_the_training_error(tmp_path):
    record(tmp_path, "no weight decay", LOW, train_error=0.2)
    record(tmp_path, "AlexNet", HIGH, train_error=0.1)
    assert verdict_on("weight decay", tmp_path).verdict == HOLDS
    record(tmp_path, "AlexNet", HIGH, train_error=0.2)
    assert verdict_on("weight decay", tmp_path).verdict == NOT


@pytest.mark.parametrize(("with_it", "found"), [(10, HOLDS), (6, PART), (5, NOT), (3, NOT)])
def test_dropout_takes_longer_where_its_lowest_loss_comes_later(with_it, found, tmp_path):
    for name, best in zip(DROPOUT_FEW_IMAGES, (5, with_it), strict=True):
        rows = [epoch(n, validation_loss=abs(n - best)) for n in range(1, 17)]
        record(tmp_path, name, LOW, rows)
    result = verdict_on("dropout takes longer", tmp_path)
    assert result.verdict == found and f"{with_it / 5:.1f} times" in result.measured
    assert "at least" not in result.measured


@pytest.mark.parametrize(("without", "with_it"), [(16, 16), (16, 12)])
def test_a_loss_that_still_falls_at_the_end_decides_nothing(without, with_it, tmp_path):
    for name, best in zip(DROPOUT_FEW_IMAGES, (without, with_it), strict=True):
        rows = [epoch(n, validation_loss=abs(n - best)) for n in range(1, 17)]
        record(tmp_path, name, LOW, rows)
    assert verdict_on("dropout takes longer", tmp_path).verdict == UNDECIDED


def test_a_lowest_loss_in_the_last_epoch_is_a_lower_bound(tmp_path):
    for name, best in zip(DROPOUT_FEW_IMAGES, (5, 16), strict=True):
        rows = [epoch(n, validation_loss=abs(n - best)) for n in range(1, 17)]
        record(tmp_path, name, LOW, rows)
    assert "at least 3.2 times" in verdict_on("dropout takes longer", tmp_path).measured


def test_biases_of_1_are_judged_by_the_training_loss(tmp_path):
    record(tmp_path, "biases of 0", LOW, train_loss=2.3)
    record(tmp_path, "biases of 1", LOW, train_loss=2.1)
    assert verdict_on("biases of 1", tmp_path).verdict == HOLDS
    record(tmp_path, "biases of 1", LOW, train_loss=2.302)
    assert verdict_on("biases of 1", tmp_path).verdict == NOT


def test_ten_views_are_judged_run_by_run(tmp_path):
    record(tmp_path, "four-layer", (20.0, 25.0, 30.0))
    found = verdict_on("ten views", tmp_path)
    assert found.verdict == HOLDS and "-1.0, -1.0, -1.0 points" in found.measured


@pytest.mark.parametrize(
    ("errors", "each", "middle"),
    [
        ({}, NOT, NOT),
        ({2: HIGH, 3: HIGH, 4: HIGH, 5: HIGH}, HOLDS, HOLDS),
        ({2: HIGH, 3: HIGH}, PART, PART),
        ({2: HIGH, 5: HIGH}, PART, NOT),
        ({number: (40.0, 40.1, 40.2) for number in (2, 3, 4, 5)}, HOLDS, PART),
    ],
)
def test_depth_is_judged_by_what_each_layer_brings(errors, each, middle, tmp_path):
    record(tmp_path, "AlexNet", LOW)
    for number in (2, 3, 4, 5):
        record(tmp_path, f"without conv{number}", errors.get(number, NEAR))
    assert verdict_on("no layer to spare", tmp_path).verdict == each
    assert verdict_on("depth", tmp_path).verdict == middle


def towers(folder, seed, first, second):
    """A picture of 24 filters of which these shares of the two halves' are colored."""
    draws = torch.Generator().manual_seed(seed)
    gray = torch.randn(24, 1, 11, 11, generator=draws).expand(24, 3, 11, 11)
    color = torch.randn(24, 3, 11, 11, generator=draws)
    mixed = torch.arange(24) % 12 < torch.tensor([first, second]).repeat_interleave(12) * 12
    chosen = torch.where(mixed[:, None, None, None], color, gray)
    filters_image(chosen).save(record_path(folder, "two towers", seed).with_suffix(".png"))


@pytest.mark.parametrize(
    ("seeds", "found"),
    [([(0, 1)] * 3, HOLDS), ([(0, 1), (1, 0), (0.5, 0.5)], PART), ([(0.5, 0.5)] * 3, NOT)],
)
def test_filters_specialize_where_chance_would_hardly_part_them_so(seeds, found, tmp_path):
    record(tmp_path, "two towers", LOW)
    for seed, shares in enumerate(seeds):
        towers(tmp_path, seed, *shares)
    assert verdict_on("two kinds of filters", tmp_path).verdict == found


def test_the_towers_colors_are_those_of_their_own_filters(tmp_path):
    towers(tmp_path, 0, 0, 1)
    first, second, chance = colors_of_towers(tmp_path, 0)
    assert len(first) == len(second) == 12
    assert first.max() < 0.02 and second.min() > 0.3 and chance < 0.001
    with pytest.raises(LookupError):
        colors_of_towers(tmp_path, 1)


def test_the_table_has_each_claim_once_in_the_papers_order():
    lines = verdict_table().splitlines()
    rows = [line for line in lines[2:] if line.startswith("|")]
    assert len(rows) == len(CLAIMS)
    for row, claim in zip(rows, CLAIMS, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert cells[:2] == [claim.section, claim.claim] and len(cells) == 5
        assert cells[2] == f"**{verdict_on(claim.name).verdict}**"


def test_the_readmes_table_is_that_of_the_recorded_runs():
    readme = (COURSE / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- claims -->\n(.*?)<!-- /claims -->", readme, re.DOTALL)[1]
    assert found.strip() == verdict_table(tested_only=True) and results.written(readme) == readme
