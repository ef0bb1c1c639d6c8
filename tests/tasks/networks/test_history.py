"""Which epoch is the best, and when patience is over."""

from __future__ import annotations

from rowspace.tasks.networks import History


def test_a_history_without_scores_never_ends_early():
    assert History([1.0, 2.0]).best == 1
    assert not History([1.0] * 9).is_over(2)
    assert History([1.0] * 3, [0.5, 0.5, 0.4]).is_over(2)
