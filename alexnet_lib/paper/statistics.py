"""When a change counts: where it is larger than runs that differ only in the seed."""

from statistics import mean
from typing import NamedTuple


class Difference(NamedTuple):
    """How far the mean of some numbers is from that of others, and how far seeds are apart.

    `seed_range` is the difference between the highest and the lowest seed, on that side where it
    is larger. A change that is no larger than that is no change.
    """

    change: float
    seed_range: float

    @property
    def clear(self):
        return abs(self.change) > self.seed_range

    def __str__(self):
        change = f"{round(self.change, 1) + 0.0:+.1f}"  # + 0.0: no -0.0
        if not self.clear:
            return f"no difference ({change}, seeds differ by {self.seed_range:.1f})"
        return f"{change} points (seeds differ by {self.seed_range:.1f})"


def difference(before, after):
    """The `Difference` that `after` makes to `before`; both are numbers, one for each seed."""
    seed_range = max(max(side) - min(side) for side in (before, after))
    return Difference(mean(after) - mean(before), seed_range)
