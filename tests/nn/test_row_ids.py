"""Row ids checked before they reach a kernel."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn.row_ids import RowIdCheck
from rowspace.nn.unknown import UnknownReport


class Courier:
    """A copy to the host that arrives when the test says so."""

    def __init__(self):
        self.copies = []

    def __call__(self, record):
        copied = record.clone()  # as a device does it: the values of now, whatever comes later
        courier = self

        class Copy:
            there = False

            def arrived(self):
                return self.there

            def values(self):
                assert self.there, "values were read before they arrived"
                return copied.tolist()

        courier.copies.append(Copy())
        return courier.copies[-1]

    def deliver(self):
        self.copies[-1].there = True


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8])
def test_whole_numbers_become_int64_and_keep_their_shape(dtype):
    ids = torch.tensor([[0, 4, 2], [1, 1, 3]], dtype=dtype)
    safe, zeros = RowIdCheck("raise", 5).check(ids, "colors")
    assert (safe.dtype, safe.tolist(), zeros) == (torch.int64, ids.tolist(), None)


@pytest.mark.parametrize("policy", ["raise", "unknown", "zero"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.complex64, torch.bool])
def test_other_numbers_are_refused_with_a_remedy(policy, dtype):
    check = RowIdCheck(policy, 5, 0)
    with pytest.raises(
        ShapeError, match=rf"^colors: ids must be whole numbers.*are {dtype}; .*ids\.long\(\)"
    ):
        check.check(torch.ones(3, dtype=dtype), "colors")


def test_right_ids_come_back_as_they_are():
    ids = torch.arange(12).reshape(3, 4).t()
    for policy in ("raise", "unknown"):
        assert RowIdCheck(policy, 12, 0).check(ids, "colors")[0] is ids


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (torch.tensor([[0, 1, 2], [3, 4, 5]]), r"ids\[1, 2\] is 5;"),
        (torch.tensor([0, -1, 7]), r"ids\[1\] is -1 \(1 more of 3 are wrong too\);"),
        (torch.tensor(9), r"ids is 9;"),
        (torch.tensor([[[0]], [[2**40]]]), r"ids\[1, 0, 0\] is 1099511627776;"),
        (torch.tensor([[0, 1], [8, 2], [9, 3]]).t(), r"ids\[0, 1\] is 8 \(1 more of 6 are wrong too\);"),
        (torch.tensor([250], dtype=torch.uint8), r"ids\[0\] is 250;"),
        (torch.tensor([-128], dtype=torch.int8), r"ids\[0\] is -128;"),
    ],
)
def test_raise_names_the_layer_the_id_its_place_and_the_range(ids, told):
    with pytest.raises(RowIdError, match=rf"^colors: row ids must lie in \[0, 5\), but {told} give ids"):
        RowIdCheck("raise", 5).check(ids, "colors")
    with pytest.raises(IndexError):  # as torch raises
        RowIdCheck("raise", 5).check(ids, "colors")


def test_unknown_and_zero_go_on():
    ids = torch.tensor([[0, 5], [-1, 4]])
    safe, zeros = RowIdCheck("unknown", 5, 3).check(ids, "colors")
    assert (safe.tolist(), zeros) == ([[0, 3], [3, 4]], None)
    safe, zeros = RowIdCheck("zero", 5).check(ids, "colors")
    assert zeros.tolist() == [[False, True], [True, False]]
    assert ((safe >= 0) & (safe < 5)).all()
    assert safe[~zeros].tolist() == [0, 4]
    assert RowIdCheck("zero", 5).check(ids[:, :1] + 1, "colors")[1] is None
    assert ids.tolist() == [[0, 5], [-1, 4]], "the caller's ids were written to"


def test_unknown_ids_share_buckets_by_their_remainder():
    safe, _ = RowIdCheck("unknown", 10, 7, buckets=3).check(torch.tensor([2, 10, 11, 12, -1]), "colors")
    assert safe.tolist() == [2, 7 + 10 % 3, 7 + 11 % 3, 7 + 12 % 3, 7 + -1 % 3]


def test_a_table_without_rows_takes_only_nothing():
    empty = torch.empty(2, 0, dtype=torch.int64)
    for policy in ("raise", "zero"):
        check = RowIdCheck(policy, 0)
        assert check.check(empty, "colors")[0].shape == (2, 0)
    with pytest.raises(RowIdError, match=r"must lie in \[0, 0\), but ids\[0\] is 0"):
        RowIdCheck("raise", 0).check(torch.tensor([0]), "colors")
    with pytest.raises(RowIdError, match=r"must lie in \[0, 0\)"):
        RowIdCheck("raise", 0, start_copy=Courier()).check(torch.tensor([0]), "colors")
    with pytest.raises(RowIdError, match=r"must lie in \[0, 0\)"):
        RowIdCheck("zero", 0).check(torch.tensor([0, 3]), "colors")


def test_more_rows_than_int32():
    check = RowIdCheck("raise", 2**33)
    assert check.check(torch.tensor([2**33 - 1]), "colors")[0].item() == 2**33 - 1
    with pytest.raises(RowIdError, match=r"\[0, 8589934592\), but ids\[0\] is 8589934592"):
        check.check(torch.tensor([2**33]), "colors")


def test_ids_on_another_device_are_told_both():
    with pytest.raises(
        ShapeError, match=r"^colors: .* rows, cpu, but are on meta; move them with ids.to\('cpu'\)"
    ):
        RowIdCheck("raise", 5).check(
            torch.zeros(2, dtype=torch.int64, device="meta"), "colors", torch.device("cpu")
        )


def test_contradictions_are_refused():
    with pytest.raises(RecipeError, match=r'out_of_range="unknown" needs a row.*from_table'):
        RowIdCheck("unknown", 5)
    with pytest.raises(RecipeError, match=r"must lie in \[0, 5\), but is 5"):
        RowIdCheck("unknown", 5, 5)


@pytest.mark.unchecked
def test_an_unheard_of_policy_is_refused():
    with pytest.raises(RecipeError, match="one of raise, unknown, zero, but is 'skip'"):
        RowIdCheck("skip", 5)


def test_the_report_counts_ids_out_of_range():
    report = UnknownReport()
    for policy in ("unknown", "zero"):
        RowIdCheck(policy, 5, 0).check(torch.tensor([1, 2, 9, -4]), "colors", report=report)
    assert (report.lookups, report.unknown) == (8, 4)


# What follows is told to a device where reading a value would wait.


def test_a_fault_on_a_device_is_raised_by_the_first_call_that_finds_it():
    courier = Courier()
    check = RowIdCheck("raise", 5, start_copy=courier)
    safe, zeros = check.check(torch.tensor([[1, 2], [7, -3]]), "colors")
    assert (safe.tolist(), zeros) == ([[1, 2], [0, 0]], None)
    for _ in range(3):  # the device is behind: no call waits for it
        assert check.check(torch.tensor([4]), "colors")[0].tolist() == [4]
    assert len(courier.copies) == 1
    courier.deliver()
    with pytest.raises(
        RowIdError,
        match=r"^colors: .*but ids\[1, 0\] is 7 \(1 more of 4 are wrong too\); it met this in an earlier",
    ):
        check.check(torch.tensor([4]), "colors")
    check.check(torch.tensor([4]), "colors")
    courier.deliver()
    check.check(torch.tensor([4]), "colors")  # told once, not for ever


def test_a_fault_after_a_copy_has_left_goes_with_the_next_one():
    courier = Courier()
    check = RowIdCheck("raise", 5, start_copy=courier)
    check.check(torch.tensor([1]), "colors")
    check.check(torch.tensor([[3, 8]]), "colors")
    check.check(torch.tensor([9, 9, 9]), "colors")
    courier.deliver()
    check.check(torch.tensor([2]), "colors")  # brings nothing, and sends the next
    assert len(courier.copies) == 2
    courier.deliver()
    with pytest.raises(RowIdError, match=r"ids\[0, 1\] is 8; it met"):
        check.check(torch.tensor([2]), "colors")


def test_a_call_replayed_after_it_was_found_blameless_is_told_without_its_shape():
    """A recorded CUDA graph runs again without Python, so a fault may come from a call of long ago."""
    check = RowIdCheck("raise", 5, start_copy=Courier())
    check.check(torch.tensor([1, 2]), "colors")
    check.check_now("colors")
    (faults,) = check._faults.values()
    faults.record.copy_(torch.tensor([2, 1, 9, 0]))
    with pytest.raises(RowIdError, match=r"ids\.flatten\(\)\[1\] is 9 \(1 more are wrong too\); it met"):
        check.check_now("colors")


def test_check_now_waits_and_forgets():
    check = RowIdCheck("raise", 5, start_copy=Courier())
    check.check_now("colors")
    check.check(torch.tensor([1, 6]), "colors")
    with pytest.raises(RowIdError, match=r"ids\[1\] is 6"):
        check.check_now("colors")
    check.check_now("colors")
    check.check(torch.tensor([1, 4]), "colors")
    check.check_now("colors")


def test_memory_stays_bounded_on_a_device():
    courier = Courier()
    check = RowIdCheck("raise", 5, start_copy=courier)
    for step in range(100):
        check.check(torch.zeros(step + 1, dtype=torch.int64), "colors")
        if step % 10 == 9:
            courier.deliver()
    (faults,) = check._faults.values()
    assert len(faults.shapes) <= 20


def test_faults_met_in_inference_mode_do_not_stop_training():
    check = RowIdCheck("raise", 5, start_copy=Courier())
    with torch.inference_mode():
        check.check(torch.tensor([1, 6]), "colors")
    check.check(torch.tensor([1, 2]), "colors")
    with pytest.raises(RowIdError, match=r"ids\[1\] is 6"):
        check.check_now("colors")


def test_other_policies_need_no_word_to_the_host():
    courier = Courier()
    report = UnknownReport()
    ids = torch.tensor([1, -1, 9])
    assert RowIdCheck("unknown", 5, 2, start_copy=courier).check(ids, "c", report=report)[0].tolist() == [
        1,
        2,
        2,
    ]
    safe, zeros = RowIdCheck("zero", 5, start_copy=courier).check(ids, "c", report=report)
    assert (safe.tolist(), zeros.tolist()) == ([1, 0, 0], [False, True, True])
    assert (courier.copies, report.unknown) == ([], 4)


def test_a_copy_starts_without_the_faults_of_the_original():
    check = RowIdCheck("raise", 5, start_copy=Courier())
    check.check(torch.tensor([6]), "colors")
    copy.deepcopy(check).check_now("colors")
    with pytest.raises(RowIdError):
        check.check_now("colors")
    again = pickle.loads(pickle.dumps(RowIdCheck("unknown", 5, 2)))
    assert again.check(torch.tensor([6]), "colors")[0].tolist() == [2]


@pytest.mark.unchecked  # sizes are tensors while tracing
@pytest.mark.filterwarnings("ignore:`torch.jit.trace` is deprecated")
def test_tracing_keeps_the_policy_for_later_values():
    for policy, wanted in [("unknown", [3, 1]), ("zero", [0, 1]), ("raise", [9, 1])]:
        check = RowIdCheck(policy, 5, 3)
        traced = torch.jit.trace(lambda ids, check=check: check.check(ids, "colors")[0], torch.tensor([0, 1]))
        assert traced(torch.tensor([9, 1])).tolist() == wanted


@pytest.mark.unchecked  # the compiler cannot see into the checks
def test_the_compiler_sees_no_branch_on_values():
    for policy, wanted in [("unknown", [3, 1]), ("zero", [0, 1]), ("raise", [9, 1])]:
        check = RowIdCheck(policy, 5, 3)
        compiled = torch.compile(
            lambda ids, check=check: check.check(ids, "colors")[0], fullgraph=True, backend="eager"
        )
        assert compiled(torch.tensor([9, 1])).tolist() == wanted


def test_batched_and_fake_tensors_are_left_to_the_operators():
    check = RowIdCheck("unknown", 5, 3)
    safe = torch.vmap(lambda ids: check.check(ids, "colors")[0])(torch.tensor([[9, 1], [4, -2]]))
    assert safe.tolist() == [[3, 1], [4, 3]]
    ids = torch.zeros(3, dtype=torch.int32, device="meta")
    assert RowIdCheck("raise", 5).check(ids, "colors")[0].shape == (3,)


@pytest.mark.gpu
def test_on_a_gpu():
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    check, device = RowIdCheck("raise", 5), torch.device("cuda:0")
    ids = torch.tensor([[1, 2], [7, -3]], device=device)
    with torch.cuda.device(device):
        torch.cuda.set_sync_debug_mode("error")  # any synchronisation raises
        try:
            assert check.check(ids, "colors", device)[0].device == device
            check.check(ids[:1], "colors", device)
        finally:
            torch.cuda.set_sync_debug_mode("default")
    torch.cuda.synchronize()
    with pytest.raises(RowIdError, match=r"ids\[1, 0\] is 7 \(1 more of 4"):
        check.check(ids[:1], "colors", device)
    with pytest.raises(ShapeError, match="cuda:0, but are on cpu"):
        check.check(ids.cpu(), "colors", device)
