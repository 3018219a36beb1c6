"""Verdicts follow from the comparisons, and say on what they rest."""

import re
from pathlib import Path

import pytest
import torch
from paper_helpers import record

import results
from alexnet_lib.paper.arms import OWN_GRIDS
from alexnet_lib.paper.claims import CIFAR, CLAIMS
from alexnet_lib.paper.comparisons import COMPARISONS, comparisons_of
from alexnet_lib.paper.experiments import EXPERIMENTS
from alexnet_lib.paper.filters import filters_image
from alexnet_lib.paper.records import record_path
from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED
from alexnet_lib.paper.verdict_rules import RULES, colors_of_towers, signed
from alexnet_lib.paper.verdicts import (
    OPEN,
    Verdict,
    claim_text,
    verdict_on,
    verdict_summary,
    verdict_table,
    verdict_text,
)

COURSE = Path(__file__).parents[2]
HIGH, LOW, APART = (22.1, 22.0, 22.4), (20.0, 20.0, 20.3), (18.0, 22.0, 24.0)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [(HIGH, LOW, HOLDS), (LOW, HIGH, NOT), (HIGH, HIGH, NOT), (HIGH, APART, NOT_SETTLED)],
)
def test_a_claim_with_one_comparison_gets_its_verdict(before, after, found, tmp_path):
    record(tmp_path, "half as wide", before)
    record(tmp_path, "two towers", after)
    assert verdict_on("two GPUs", tmp_path).verdict == found


@pytest.mark.parametrize("claim", [claim.name for claim in CLAIMS if claim.kind == CIFAR])
def test_no_measured_number_is_beside_another_with_nothing_between(claim):
    assert not re.search(r"\d \d", verdict_on(claim).measured)


def test_a_ratio_has_digits_enough_to_tell_on_which_side_of_1_its_interval_ends():
    said = verdict_on("six times faster").measured
    low, high = re.search(r"He initialization: .* times \[([\d.]+), ([\d.]+)\]", said).groups()
    assert float(low) < 1 < float(high)


def depth(folder, conv2, conv3, conv5):
    """Runs of AlexNet, and of it without each of three layers."""
    record(folder, "128 pixels", LOW)
    for number, errors in ((2, conv2), (3, conv3), (5, conv5)):
        record(folder, f"128 pixels, without conv{number}", errors)


@pytest.mark.parametrize(
    ("errors", "each", "middle"),
    [
        ((HIGH, HIGH, HIGH), HOLDS, HOLDS),
        ((HIGH, APART, HIGH), NOT_SETTLED, NOT_SETTLED),
        ((HIGH, HIGH, LOW), NOT, HOLDS),
        ((APART, LOW, HIGH), NOT, NOT),
    ],
)
def test_a_claim_with_several_parts_holds_where_all_of_them_do(errors, each, middle, tmp_path):
    depth(tmp_path, *errors)
    assert verdict_on("no layer to spare", tmp_path).verdict == each
    assert verdict_on("depth", tmp_path).verdict == middle


def test_what_decides_nothing_is_reported_and_changes_no_verdict(tmp_path):
    for name in OWN_GRIDS["raw"]:
        record(tmp_path, name, HIGH)
    for name in OWN_GRIDS["raw, LRN"]:
        record(tmp_path, name, LOW)
    for name in OWN_GRIDS["raw, factors"]:
        record(tmp_path, name, LOW)
    for name in ("four-layer", "LRN, scaled alpha", "LRN"):
        record(tmp_path, name, HIGH)
    found = verdict_on("LRN on CIFAR-10", tmp_path)
    assert found.verdict == HOLDS and found.measured.count(";") == 3
    assert "LRN, unit variance, α scaled: test error 22.2 → 22.2 %" in found.measured


def test_overfitting_is_judged_by_the_gap(tmp_path):
    record(tmp_path, "no augmentation", HIGH, training=5)
    record(tmp_path, "max pools", HIGH, training=20)
    found = verdict_on("crops and flips", tmp_path)
    assert found.verdict == HOLDS and "gap 17.2 → 2.2 points: −15.0 points" in found.measured
    record(tmp_path, "max pools 2x2", HIGH, training=20)
    assert verdict_on("pools and overfitting", tmp_path).verdict == NOT


def test_weight_decay_is_judged_by_the_error_on_training_images(tmp_path):
    record(tmp_path, "no weight decay", HIGH, training=10)
    record(tmp_path, "weight decay", LOW, training=15)
    found = verdict_on("weight decay", tmp_path)
    assert found.verdict == NOT and "error on training images 10.0 → 15.0 %" in found.measured
    assert found.measured in verdict_table(tmp_path, tested_only=True)


def test_a_verdict_says_on_which_net_images_epochs_and_data_it_rests(tmp_path):
    record(tmp_path, "max pools", HIGH)
    record(tmp_path, "color", LOW)
    found = verdict_on("color", tmp_path)
    assert found[3:] == ("a net", 1280, "30", "Drawn")
    assert found.measured == "test error 22.2 → 20.1 %: −2.1 points [−2.2, −1.9], 3 seeds"
    said = verdict_text("color", tmp_path)
    assert said.startswith("**Holds.** test error 22.2 → 20.1 %")
    assert said.endswith("*a net; 1,280 images, 30 epochs, Drawn*")


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (-1.46, 1, "−1.5"),
        (2.0, 1, "+2.0"),
        (-0.04, 1, "0.0"),
        (0.04, 1, "0.0"),
        (-0.04, 2, "−0.04"),
    ],
)
def test_a_change_has_a_sign_unless_it_is_rounded_to_zero(number, digits, text):
    assert signed(number, digits) == text


def test_a_claim_is_quoted_before_its_verdict(tmp_path):
    words = next(claim.claim for claim in CLAIMS if claim.name == "two GPUs")
    assert claim_text("two GPUs", tmp_path) == f"“{words}” {verdict_text('two GPUs', tmp_path)}"


@pytest.mark.parametrize("name", RULES)
def test_without_runs_there_is_no_verdict(name, tmp_path):
    assert verdict_on(name, tmp_path / "none").verdict == OPEN


@pytest.mark.parametrize("say", [verdict_on, verdict_text, claim_text])
def test_a_claim_that_is_none_is_refused(say):
    with pytest.raises(ValueError, match="paper.claims.CLAIMS"):
        say("world peace")


def test_each_claim_that_cifar_can_test_has_a_rule():
    assert set(RULES) == {claim.name for claim in CLAIMS if claim.kind == CIFAR}


def test_each_comparison_is_of_arms_in_an_experiment_for_its_claim():
    for claim in {claim for one in COMPARISONS for claim in one.claims}:
        (experiment,) = (one for one in EXPERIMENTS.values() if claim in one.claims)
        arms = {arm for group in experiment.groups for arm in group}
        for one in (one for one in comparisons_of(claim) if one.decides):
            for side in (one.before, one.after):
                assert arms.issuperset([side] if isinstance(side, str) else side)


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
    [
        ([(0, 1)] * 3, HOLDS),
        ([(0, 1), (1, 0), (0.5, 0.5)], NOT_SETTLED),
        ([(1 / 6, 2 / 3), (2 / 3, 1 / 6), (1 / 4, 7 / 12)], NOT_SETTLED),  # the last by chance
        ([(0.5, 0.5)] * 3, NOT),
    ],
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


def test_raw_pixels_are_judged_by_what_is_above_guessing(tmp_path):
    assert verdict_on("raw pixels").verdict == HOLDS
    assert verdict_on("raw pixels", tmp_path / "claims") == Verdict("raw pixels", OPEN)


def test_the_table_has_each_claim_once_in_the_papers_order():
    lines = verdict_table().splitlines()
    rows = [line for line in lines[2:] if line.startswith("|")]
    assert len(rows) == len(CLAIMS)
    for row, claim in zip(rows, CLAIMS, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert cells[:2] == [claim.section, claim.claim] and len(cells) == 5
        assert cells[2] == f"**{verdict_on(claim.name).verdict}**"


def test_the_summary_has_each_tested_claim_once_under_its_verdict():
    lines = verdict_summary().splitlines()
    for claim in CLAIMS:
        found = verdict_on(claim.name)
        where = [
            line for line in lines if re.search(rf" {claim.name} \((§ )?{claim.section}\)", line)
        ]
        assert len(where) == (1 if found.measured else 0)
        assert not where or found.verdict.lower() in where[0].split("**")[1].lower()


@pytest.mark.parametrize("page", ["README.md", "docs/claims.md"])
def test_the_pages_show_the_verdicts_of_the_recorded_runs(page):
    text = (COURSE / page).read_text(encoding="utf-8")
    assert results.written(page, text) == text, "run: make figures"
    shown = verdict_summary() if page == "README.md" else verdict_table(tested_only=True)
    assert f"\n{shown}\n" in text
