"""A change counts where it is larger than the seeds differ."""

import pytest

from alexnet_lib.paper.statistics import difference

LOW, HIGH, NEAR = (20.0, 20.3, 20.1), (22.1, 22.0, 22.4), (20.2, 20.5, 20.0)


def test_a_difference_is_clear_where_it_is_larger_than_the_seeds_differ():
    found = difference(LOW, HIGH)
    assert found.change == pytest.approx(2.0333, abs=1e-3) and found.seed_range == pytest.approx(
        0.4
    )
    assert found.clear and str(found) == "+2.0 points (seeds differ by 0.4)"
    assert not difference(LOW, NEAR).clear
    assert str(difference(LOW, NEAR)) == "no difference (+0.1, seeds differ by 0.5)"
    assert difference(HIGH, LOW).change < 0
