"""The verdicts on the paper's claims: from recorded runs, and from arithmetic."""

from pathlib import Path
from typing import NamedTuple

from alexnet_lib.base.text import markdown_text
from alexnet_lib.paper.arithmetic import ANSWERS
from alexnet_lib.paper.arms import ARMS
from alexnet_lib.paper.claims import CLAIMS
from alexnet_lib.paper.comparisons import Missing
from alexnet_lib.paper.records import CLAIMS_FOLDER
from alexnet_lib.paper.statistics import HOLDS, NOT, NOT_SETTLED, NOT_TESTED
from alexnet_lib.paper.verdict_rules import RULES

PART = "holds in part"  # of a claim with several numbers, which arithmetic settles
OPEN = "not measured yet"
ORDER = (HOLDS, PART, NOT, NOT_SETTLED, NOT_TESTED)  # in a summary


class Verdict(NamedTuple):
    """What became of a claim of the paper, and on what that is based.

    `measured` is in words, errors in percent, differences in points. `net`, `images`, `epochs`
    and `data` are those of the runs, None for a claim that arithmetic settles; `epochs` are in
    words, "up to 60" where training ended as soon as it had reached its goal.
    """

    claim: str
    verdict: str
    measured: str | None = None
    net: str | None = None
    images: int | None = None
    epochs: str | None = None
    data: str | None = None


def verdict_on(name, folder=CLAIMS_FOLDER):
    """The `Verdict` on a claim, by its name in `CLAIMS`, from the runs in a folder.

    For the verdicts see `paper.statistics.judge`. OPEN where runs are missing, NOT_TESTED for
    what nothing here can test. Raises ValueError for an unknown name.
    """
    if name not in [claim.name for claim in CLAIMS]:
        raise ValueError(f"no claim is called {name!r}: see paper.claims.CLAIMS")
    if name in ANSWERS:
        holds, measured = ANSWERS[name]()
        return Verdict(name, {True: HOLDS, False: NOT, None: PART}[holds], measured)
    if name not in RULES:
        return Verdict(name, NOT_TESTED)
    try:
        found, measured, run = RULES[name](Path(folder))
    except Missing:
        return Verdict(name, OPEN)
    arm = ARMS.get(run.recipe["name"])
    epochs = f"{'up to ' if arm and arm.until else ''}{run.recipe['epochs']}"
    return Verdict(name, found, measured, run.model, run.images["train"], epochs, run.data)


def verdict_table(folder=CLAIMS_FOLDER, tested_only=False):
    """The verdicts on all claims as a Markdown table, in the paper's order.

    `tested_only` leaves out what nothing here tests. Every run's data is named once, below.
    """
    rows = [verdict_on(claim.name, folder) for claim in CLAIMS]
    if tested_only:
        rows = [row for row in rows if row.measured or row.verdict != NOT_TESTED]
    claims = {claim.name: claim for claim in CLAIMS}
    lines = ["| § | claim | verdict | measured | net, images, epochs |", "|---|---|---|---|---|"]
    for row in rows:
        claim = claims[row.claim]
        cells = claim.section, claim.claim, f"**{row.verdict}**", row.measured or "–", _on(row)
        lines.append(f"| {' | '.join(cells)} |")
    data = sorted({markdown_text(row.data) for row in rows if row.data})
    return "\n".join(lines) + (f"\n\nData: {', '.join(data)}." if data else "")


def _on(row):
    """The net, the images and the epochs of a verdict's runs; "arithmetic" where there are none."""
    if row.net:
        return f"{markdown_text(row.net)}; {row.images:,} images, {row.epochs} epochs"
    return "arithmetic" if row.claim in ANSWERS else "–"


def verdict_summary(folder=CLAIMS_FOLDER):
    """The claims that were tested, by their verdicts: a list in Markdown with a line for each."""
    sections = {claim.name: claim.section for claim in CLAIMS}
    groups = {}
    for claim in CLAIMS:
        found = verdict_on(claim.name, folder)
        if found.measured:
            kind = "by arithmetic, " if claim.name in ANSWERS else ""
            groups.setdefault(kind + found.verdict, []).append(claim.name)
    lines = []
    for verdict in sorted(
        groups, key=lambda one: ("arithmetic" in one, ORDER.index(one.split(", ")[-1]))
    ):
        names = [f"{name} ({_place(sections[name])})" for name in groups[verdict]]
        lines.append(f"- **{verdict.capitalize()}**: {', '.join(names)}")
    return "\n".join(lines)


def _place(section):
    return section if section == "abstract" else f"§ {section}"


def claim_text(name, folder=CLAIMS_FOLDER):
    """A claim, given by its name, in words and in quotation marks, and the `verdict_text` on it."""
    verdict, words = verdict_text(name, folder), {claim.name: claim.claim for claim in CLAIMS}
    return f"“{words[name]}” {verdict}"


def verdict_text(name, folder=CLAIMS_FOLDER):
    """A verdict in Markdown; the second line says on which network, images and data it is based."""
    found = verdict_on(name, folder)
    text = f"**{found.verdict.capitalize()}.** {(found.measured or '').strip()}"
    return text + (f"  \n*{_on(found)}, {markdown_text(found.data)}*" if found.net else "")
