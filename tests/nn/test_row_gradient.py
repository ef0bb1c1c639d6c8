from __future__ import annotations

import torch

from rowspace.nn.row_gradient import RowGradient, group, grouped_ids, joined, of_sums


def dense(gradients: list[RowGradient], num_rows: int) -> torch.Tensor:
    """Entry by entry, as the definition says."""
    out = torch.zeros(num_rows, gradients[0].outputs.shape[1])
    for each in gradients:
        for entry, row in enumerate(each.ids.tolist()):
            source = entry if each.sources is None else int(each.sources[entry])
            scale = 1.0 if each.coefficients is None else each.coefficients[entry]
            out[row] += scale * each.outputs[source]
    return out


def test_groups_of_several_lookups_are_the_sum_of_all() -> None:
    torch.manual_seed(0)
    gradients = [
        RowGradient(torch.tensor([5, 0, 5]), torch.randn(3, 4)),
        RowGradient(torch.tensor([0, 2]), torch.randn(1, 4), torch.tensor([0, 0]), torch.rand(2)),
        RowGradient(torch.empty(0, dtype=torch.int64), torch.randn(2, 4), torch.empty(0, dtype=torch.int64)),
    ]
    segments = group(gradients, 7)
    assert segments.rows.tolist() == [0, 2, 5]
    assert segments.counts.tolist() == [2, 1, 2]
    summed = segments.summed()
    expected = dense(gradients, 7)
    torch.testing.assert_close(summed.outputs, expected[[0, 2, 5]])
    assert summed.counts.tolist() == [2, 1, 2]
    assert summed.summed() is summed


def test_groups_of_one_lookup_keep_its_coefficients() -> None:
    gradient = RowGradient(
        torch.tensor([1, 1, 0]), torch.randn(2, 3), torch.tensor([0, 1, 1]), torch.tensor([0.5, 2.0, 3.0])
    )
    torch.testing.assert_close(group([gradient], 2).summed().outputs, dense([gradient], 2))


def test_double_precision_is_summed_too() -> None:
    outputs = torch.randn(3, 2, dtype=torch.float64)
    summed = group([RowGradient(torch.tensor([1, 0, 1]), outputs)], 2).summed()
    torch.testing.assert_close(summed.outputs, torch.stack([outputs[1], outputs[0] + outputs[2]]))


def test_of_sums_is_one_entry_a_row() -> None:
    segments = of_sums(torch.tensor([2, 9]), torch.eye(2))
    assert segments.is_summed
    assert segments.starts.tolist() == [0, 1, 2]
    assert segments.counts.tolist() == [1, 1]


def test_counts_go_on_after_summing() -> None:
    before = group([RowGradient(torch.tensor([3, 3, 1]), torch.ones(3, 2))], 5).summed()
    after = joined(before, [RowGradient(torch.tensor([3, 0]), torch.ones(2, 2))], 5)
    assert after.rows.tolist() == [0, 1, 3]
    assert after.counts.tolist() == [1, 1, 3]
    assert not after.is_summed
    assert after.summed().outputs[:, 0].tolist() == [1.0, 1.0, 3.0]


def test_bags_and_groups_made_before_give_what_sources_give() -> None:
    ids, offsets, outputs = torch.tensor([4, 1, 4, 0, 1]), torch.tensor([0, 2, 2, 5]), torch.randn(3, 2)
    written_out = RowGradient(ids, outputs, torch.tensor([0, 0, 2, 2, 2]))
    by_bag = RowGradient(ids, outputs, offsets=offsets)
    before = RowGradient(ids, outputs, offsets=offsets, grouped=grouped_ids(ids, offsets, 6))
    assert by_bag.to_sources().sources.tolist() == written_out.sources.tolist()
    for each in (by_bag, before):
        torch.testing.assert_close(
            group([each], 6).summed().outputs, group([written_out], 6).summed().outputs
        )
    weighed = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
    both = [RowGradient(ids, outputs, None, weighed, offsets), by_bag]
    expected = dense([RowGradient(ids, outputs, written_out.sources, weighed), written_out], 6)
    torch.testing.assert_close(group(both, 6).summed().outputs, expected[[0, 1, 4]])
