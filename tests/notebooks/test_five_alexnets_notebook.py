"""Notebook 10 says of its recorded runs what they say, and no more."""

import re
from itertools import pairwise
from pathlib import Path
from statistics import mean

import nbformat
import pytest

from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED, judge, paired_difference
from alexnet_lib.training.run import Run
from alexnet_lib.training.suited import default_learning_rate

COURSE = Path(__file__).parents[2]
CELLS = nbformat.read(COURSE / "notebooks" / "10_five_alexnets.ipynb", as_version=4).cells
TEXT = {cell.id: " ".join(cell.source.split()) for cell in CELLS}
CODE = {cell.id: cell for cell in CELLS if cell.cell_type == "code"}
PAGE = " ".join((COURSE / "docs" / "experiments.md").read_text("utf-8").split())
STARTS = {"torch's default": "000-as-was", "N(0, 0.01)": "002-as-was", "He": "000-repaired"}
RATES, BATCH_RATES, SEEDS = (0.01, 0.03, 0.06, 0.1), (0.001, 0.003, 0.01), [0, 1, 2]


def printed(id):
    return "".join(output.get("text", "") for output in CODE[id].outputs)


def recorded(name, rate=None):
    """The runs of a plan, in the order of their seeds; with a rate other than its own, if given."""
    own = {"003-batches-of-4": 0.001}.get(name, 0.03)
    words = name if rate in (None, own) else f"{name}-rate-{rate}"
    files = (COURSE / "results" / "wild").glob(f"{words}-seed*.json")
    runs = sorted(map(Run.read, files), key=lambda run: run.seed)
    assert all(run.recipe["learning_rate"] == rate or rate is None for run in runs)
    return runs


def percents(runs):
    return [100 * run.test["top1"] for run in runs]


def errors(name, rate):
    runs = recorded(name, rate)
    assert [run.seed for run in runs] == SEEDS
    return [100 * run.test_error for run in runs]


def tried(words):
    """{rate: the validation accuracy of seed 0 after three epochs, in %}"""
    found = {rate: recorded(STARTS[words], rate)[0] for rate in RATES}
    assert all(run.seed == 0 and len(run.epochs) == 3 for run in found.values())
    return {rate: 100 * run.final("validation_top1") for rate, run in found.items()}


def above_he(words, rate):
    return paired_difference(errors("000-repaired", 0.03), errors(STARTS[words], rate))


def interval(found):
    return f"{found.mean:.1f} ({found.low:.1f} to {found.high:.1f})"


def on_h100(run):
    return run.device.startswith("NVIDIA H100")


def largest_rise(run):
    losses = [row.validation_loss for row in run.epochs[:8]]
    return max(0, *(after - before for before, after in pairwise(losses)))


def rises(name, rate=None):
    runs = recorded(name, rate)
    assert [run.seed for run in runs] == SEEDS
    return [largest_rise(run) for run in runs]


def more_rise(rate):
    return paired_difference(rises("003-overfitting"), rises("003-batches-of-4", rate))


# 10.1


def test_every_rate_of_every_initialization_is_shown_and_starred_if_from_the_gpu():
    for rate in RATES:
        cells = [f"{tried(words)[rate]:.1f} %" for words in STARTS]
        cells = [
            cell + "*" * on_h100(recorded(name, rate)[0])
            for cell, name in zip(cells, STARTS.values(), strict=True)
        ]
        (row,) = re.findall(rf"^{rate} .*$", printed("first-weights"), re.MULTILINE)
        assert row.replace(" %", "%").split() == [f"{rate}", *[c.replace(" ", "") for c in cells]]


def test_devices_are_as_the_text_says():
    assert "marked * were made on an NVIDIA H100" in TEXT["recorded-text"]
    for path in (COURSE / "results" / "wild").glob("*.json"):
        run = Run.read(path)
        assert on_h100(run) or run.device.startswith("cpu"), path.name
        assert run.recipe["precision"] == "mixed"


def test_normal_weights_stay_at_chance_at_all_rates():
    assert "the net only guesses, at all four rates" in TEXT["first-weights2"]
    assert set(tried("N(0, 0.01)").values()) == {10.0}
    assert set(percents(recorded("002-as-was"))) == {10.0}
    for rate in RATES:
        assert recorded("002-as-was", rate)[0].final("validation_loss") > 2.3


def test_torchs_default_learns_but_its_best_is_below_hes_worst():
    assert "its best accuracy above is below He's worst" in TEXT["first-weights2"]
    found = tried("torch's default")
    assert min(found.values()) > 15 and max(found.values()) < min(tried("He").values())


def test_hes_best_rate_is_the_one_that_is_compared():
    assert "He initialization (at its best, 0.03)" in TEXT["planned1"]
    assert max(tried("He"), key=tried("He").get) == 0.03


def test_the_rate_of_torchs_default_was_the_best_of_the_first_tries():
    first = Run.read(COURSE / "results" / "search" / "000-as-was-rate-0.1-try.json")
    others = [run[0].final("validation_top1") for run in map(of_torch, RATES[:-1])]
    assert first.recipe["learning_rate"] == 0.1 and first.final("validation_top1") > max(others)
    assert f"{100 * first.final('validation_top1'):.1f} % there" in TEXT["first-weights2"]
    again = of_torch(0.1)[0]
    assert again.seed == first.seed == 0 and again.final("validation_top1") < max(others)
    assert all(map(on_h100, (first, *of_torch(0.1)))) and first.test is None


def of_torch(rate):
    return recorded("000-as-was", rate)


@pytest.mark.parametrize(
    ("words", "rate"), [("torch's default", 0.03), ("torch's default", 0.1), ("N(0, 0.01)", 0.03)]
)
def test_each_paired_comparison_is_that_of_the_runs(words, rate):
    found = above_he(words, rate)
    assert judge(found, 2) == HOLDS and found.low > 2
    (row,) = re.findall(rf"^{re.escape(words)} +{rate} .*$", printed("seeds1"), re.MULTILINE)
    shown = "  ".join(f"{error:.1f}" for error in errors(STARTS[words], rate))
    assert f"{shown}   above He: {interval(found)}, {HOLDS}" in row


def test_on_one_kind_of_device_the_difference_is_about_the_same():
    assert (
        "where both sides ran on a CPU, the difference to He is about the same"
        in (TEXT["first-weights2"])
    )
    assert not any(map(on_h100, recorded("000-as-was", 0.03) + recorded("000-repaired", 0.03)))
    means = [above_he("torch's default", rate).mean for rate in (0.03, 0.1)]
    assert abs(means[0] - means[1]) < 1


def test_padding_matters_little_in_the_repaired_nets():
    groups = (percents(recorded(name)) for name in ("000-repaired", "001-002-003-repaired"))
    pairs = zip(*groups, strict=True)
    assert max(abs(one - other) for one, other in pairs) < 1.5


# 10.5 and 10.6


def test_the_runs_as_it_is_overfit_and_the_cured_ones_end_lower():
    ends = {}
    for name in ("003-overfitting", "003-cured"):
        runs = recorded(name)
        ends[name] = [run.final("validation_loss") for run in runs]
        lowest = [run.best_epoch.validation_loss for run in runs]
        for values, words in ((lowest, "lowest validation loss "), (ends[name], "last ")):
            assert words + " ".join(f"{value:.2f}" for value in values) in printed("overfit")
    assert min(ends["003-overfitting"]) > max(ends["003-cured"])
    for run in recorded("003-overfitting"):
        assert run.final("validation_loss") > run.best_epoch.validation_loss + 0.4
        assert run.final("train_loss") < min(row.train_loss for row in run.epochs[:10])


@pytest.mark.parametrize("rate", BATCH_RATES)
def test_each_rate_of_batches_of_4_is_shown_with_its_verdict(rate):
    runs, found = recorded("003-batches-of-4", rate), more_rise(rate)
    (row,) = re.findall(rf"^4, rate {rate} .*$", printed("batches4-recorded"), re.MULTILINE)
    assert ("*" in row) == on_h100(runs[0]) == (rate != 0.001)
    shown = "  ".join(f"{rise:.2f}" for rise in rises("003-batches-of-4", rate))
    share = "  ".join(f"{100 * run.final('validation_top1'):.0f}" for run in runs)
    assert f"rises {shown}; accuracy {share} %; {found.mean:+.2f}" in row
    assert row.endswith(f"({found.low:+.2f} to {found.high:+.2f}): {judge(found, 0.5)}")


def test_batches_of_4_bring_no_jump_and_the_text_says_what_is_excluded():
    assert "no such jump, at any of three rates" in TEXT["overfit2"]
    largest = max(max(rises("003-batches-of-4", rate)) for rate in BATCH_RATES)
    assert f"rises by {largest:.2f} nats at most" in TEXT["batches4-recorded2"]
    verdicts = [judge(more_rise(rate), 0.5) for rate in BATCH_RATES]
    assert verdicts == [NOT_SETTLED, NOT, NOT]
    text = TEXT["batches4-recorded2"]
    assert "At 0.003 a difference of 0.5 nats is excluded" in text and "at 0.001 not quite" in text
    assert not any(map(on_h100, recorded("003-overfitting")))
    assert all(map(on_h100, recorded("003-batches-of-4", 0.003)))


def test_a_higher_rate_costs_batches_of_4_accuracy_and_at_the_highest_nothing_is_learned():
    groups = [recorded("003-batches-of-4", rate) for rate in BATCH_RATES]
    shares = [[100 * run.final("validation_top1") for run in runs] for runs in groups]
    assert min(shares[0]) > max(shares[1]) and min(shares[1]) > max(shares[2])
    assert all(abs(share - 10) < 1.5 for share in shares[2])
    assert min(row.validation_loss for run in groups[2] for row in run.epochs) > 2.3
    assert "At 0.01 the net never learns" in TEXT["batches4-recorded2"]


def test_003s_last_epoch_falls_as_the_text_says():
    log = re.search(r"48: \(0\.678, (.+?)\), 49: \(0\.695, (.+?)\)", TEXT["table003"])
    worst, back = map(float, log.groups())
    assert f"it falls by {worst - back:.1f} in the last epoch" in TEXT["batches4-recorded2"]


# 10.8 and 10.10


def test_cats_and_dogs_are_repaired_by_more_than_ten_points():
    before, after = (percents(recorded(f"cats-dogs-{name}")) for name in ("as-was", "repaired"))
    assert "by more than ten points" in TEXT["before-after2"] and min(after) - max(before) > 10


def test_one_batch_of_32_has_the_standard_deviation_that_the_text_names():
    (found,) = re.findall(r"standard deviation (\d+\.\d)", printed("one-batch"))
    assert float(found) > 4 and "several percentage points" in TEXT["one-batch2"]


def test_what_the_list_of_the_five_says_is_so():
    values = {
        name: percents(recorded(name))
        for name in ("000-as-was", "001-as-was", "001-002-003-repaired", "000-repaired",
                     "004-repaired")
    }  # fmt: skip
    assert min(values["001-as-was"]) > max(values["000-as-was"])
    means = {name: mean(numbers) for name, numbers in values.items()}
    assert means["004-repaired"] < min(means["000-repaired"], means["001-002-003-repaired"])
    assert default_learning_rate("batch-norm", 128) == 0.002
    assert "the course's default rate for 004's net is 0.002" in TEXT["side2"]


# docs/experiments.md


def test_the_page_of_the_experiments_tells_the_results():
    for words, rate in (("torch's default", 0.1), ("torch's default", 0.03), ("N(0, 0.01)", 0.03)):
        assert f"{interval(above_he(words, rate))} points" in PAGE
    for words, found in (("torch's default", tried("torch's default")), ("He", tried("He"))):
        numbers = [f"{found[rate]:.1f}" for rate in RATES]
        assert f"{', '.join(numbers[:-1])} and {numbers[-1]} % ({words}" in PAGE
    assert "10.0 % at each rate with N(0, 0.01)" in PAGE
    for rate in BATCH_RATES:
        found = more_rise(rate)
        assert f"{found.mean:.2f} ({found.low:.2f} to {found.high:.2f})".replace("-", "−") in PAGE
