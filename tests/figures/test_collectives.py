"""The figure of what processes hold before and after an all-reduce and an all-gather."""

from alexnet_lib.figures.collectives import collectives_figure


def test_both_processes_end_with_the_sum_and_with_all_numbers(style):
    fig, alt = collectives_figure()
    numbers = [text.get_text() for text in fig.axes[0].texts if text.get_text().isdigit()]
    reduced = ["3", "1", "4", "1", "8", "10", "6", "7"], ["5", "9", "2", "6", "8", "10", "6", "7"]
    gathered = ["3", "1", "3", "1", "5", "9"], ["5", "9", "3", "1", "5", "9"]
    assert numbers == [*reduced[0], *reduced[1], *gathered[0], *gathered[1]]
    assert "then both have (8, 10, 6, 7)" in alt and "then both have (3, 1, 5, 9)" in alt


def test_what_comes_from_rank_1_is_hatched_and_a_sum_only_half(style):
    fig, _ = collectives_figure()
    hatched = [patch for patch in fig.axes[0].patches if patch.get_hatch()]
    heights = [round(patch.get_height(), 2) for patch in hatched]
    assert heights.count(0.84) == 4 + 2 + 2 * 2 and heights.count(0.42) == 2 * 4
