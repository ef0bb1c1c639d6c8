from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn import optim
from rowspace.nn.columns import CategoricalColumns
from rowspace.table import Table

CITIES, JOBS, ZIPS = ["Oslo", "Rome", "Lima", "Cairo"], ["cook", "smith"], [5, 7, 11]
DIMS = {"city": 4, "job": 2, "zip": 4}


def frame(num_rows: int = 40) -> dict[str, Any]:
    """Three categorical columns, of which one has missing values, and a numeric one."""
    rng = np.random.default_rng(2)
    ages = [None if age < 25 else float(age) for age in rng.integers(20, 60, num_rows)]
    return {
        "city": rng.choice(CITIES, num_rows).tolist(),
        "job": rng.choice([*JOBS, None], num_rows).tolist(),
        "zip": rng.choice(ZIPS, num_rows).tolist(),
        "age": ages,
    }


def fitted(dims: Any = DIMS, **options: Any) -> CategoricalColumns:
    torch.manual_seed(0)
    return CategoricalColumns.fit(frame(), dims=dims, numeric=["age"], **options)


def random_ids(layer: CategoricalColumns, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.stack([torch.randint(size, shape, generator=generator) for size in layer.layout.sizes], -1)


def one_by_one(layer: CategoricalColumns, ids: torch.Tensor) -> torch.Tensor:
    """The same lookup with one torch layer a column, which share the layer's rows."""
    parts = []
    for place, name in enumerate(layer.names):
        weight = torch.from_numpy(layer.to_tables()[name].vectors)
        parts.append(torch.nn.functional.embedding(ids[..., place], weight))
    return torch.cat(parts, -1)


@pytest.mark.parametrize("dims", [DIMS, 3, {"city": 1, "job": 2, "zip": 3}, None])
@pytest.mark.parametrize("shape", [(7,), (2, 3), (), (0,)])
def test_one_lookup_gives_what_a_layer_a_column_would(dims: Any, shape: tuple[int, ...]):
    layer = fitted(dims).eval()
    ids, numbers = random_ids(layer, *shape), torch.randn(*shape, 2)
    found = layer(ids, numbers)
    torch.testing.assert_close(found, torch.cat([one_by_one(layer, ids), numbers], -1))
    assert found.shape == (*shape, layer.output_dim)


def test_columns_stand_in_their_order_whatever_their_dims():
    layer = fitted()
    assert layer.output_names == (*["city"] * 4, *["job"] * 2, *["zip"] * 4, "age", "age is missing")
    assert [group.dim for group in layer.layout.groups] == [2, 4]


def test_ids_of_other_dtypes_and_strides():
    layer = fitted().eval()
    ids, numbers = random_ids(layer, 6), torch.randn(6, 2)
    expected = layer(ids, numbers)
    for same in (ids.int(), ids.to(torch.uint8), ids.T.contiguous().T):
        torch.testing.assert_close(layer(same, numbers), expected)


def test_a_column_alone_without_numbers():
    layer = CategoricalColumns.fit({"city": ["Oslo", "Oslo"]}, dims=3)
    encoded = layer.encode([{"city": "Oslo"}])
    assert layer(*encoded).shape == layer(encoded.ids).shape == (1, 3)


@pytest.mark.parametrize(
    ("row", "column", "wrong", "message"),
    [
        (4, 0, 6, r"column 'city' has row ids in \[0, 6\), but row 4 holds 6; encode"),
        (4, 1, 4, r"column 'job' has row ids in \[0, 4\), but row 4 holds 4; encode"),
        (0, 2, -1, r"column 'zip' has row ids in \[0, 5\), but row 0 holds -1; encode"),
        (0, 2, 2**62, r"column 'zip' .* holds 4611686018427387904"),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_an_id_outside_its_column_names_the_column(
    row: int, column: int, wrong: int, message: str, training: bool
):
    layer = fitted().train(training)
    ids = random_ids(layer, 5)
    ids[row, column] = wrong
    with pytest.raises(RowIdError, match=message):
        layer(ids, torch.zeros(5, 2))


def test_several_wrong_ids_are_counted():
    layer = fitted()
    with pytest.raises(RowIdError, match=r"'city' .* row 0, 1 holds -1 \(and 5 more ids are wrong\)"):
        ids = torch.zeros(1, 3, 3, dtype=torch.int64)
        ids[0, 1:] = -1
        layer(ids, torch.zeros(1, 3, 2))


@pytest.mark.parametrize(
    ("ids", "numbers", "message"),
    [
        (
            torch.zeros(5, 2, dtype=torch.int64),
            torch.zeros(5, 2),
            r"shape \(rows, 3\).*city, job, zip.*\(5, 2\)",
        ),
        (torch.tensor(1), None, r"ids must have shape"),
        (torch.zeros(5, 3), torch.zeros(5, 2), "must be whole numbers, but are torch.float32"),
        (torch.zeros(5, 3, dtype=torch.bool), torch.zeros(5, 2), "must be whole numbers, but are torch.bool"),
        (torch.zeros(5, 3, dtype=torch.int64), None, r"numbers must have shape \(5, 2\), but are not given"),
        (torch.zeros(5, 3, dtype=torch.int64), torch.zeros(4, 2), r"\(5, 2\), but have \(4, 2\)"),
    ],
)
@pytest.mark.unchecked
def test_ids_and_numbers_of_another_shape(ids: Any, numbers: Any, message: str):
    with pytest.raises(ShapeError, match=message):
        fitted()(ids, numbers)


def test_training_replaces_each_category_as_often_as_said():
    frame = {"city": ["Oslo"] * 80 + ["Rome"] * 20, "job": ["cook", None] * 50}
    layer = CategoricalColumns.fit(frame, dims={"city": 2, "job": 1}, unknown_rate=0.1)
    with torch.no_grad():
        for place, size in enumerate(layer.layout.sizes):
            layer._rows(place)[:] = torch.arange(size)[:, None]
    ids = torch.tensor([[2, 1], [3, 2], [0, 0]]).repeat(20_000, 1, 1)
    torch.manual_seed(3)
    shares = (layer(ids)[..., [0, 2]] == 0).float().mean(0)
    # Oslo and Rome are replaced equally often, 80 a = 20 b with 80 a + 20 b = 10; missing values never.
    torch.testing.assert_close(shares, torch.tensor([[0.0625, 0], [0.25, 0.1], [1, 1]]), atol=0.01, rtol=0)
    assert torch.equal(layer.eval()(ids)[..., [0, 2]], ids.float())


def test_the_unknown_row_starts_from_zeros_and_learns():
    layer = fitted(unknown_rate=0.2)
    before = {name: table["never seen"] for name, table in layer.to_tables().items() if name != "zip"}
    assert all(not vector.any() for vector in before.values())
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    encoded = layer.encode(frame())
    layer(*encoded).square().sum().add(layer(*encoded).sum()).backward()
    optimizer.step()
    assert all(layer.to_tables()[name]["never seen"].any() for name in before)


def test_the_same_seed_gives_the_same_rows():
    one, other = fitted().to_tables(), fitted().to_tables()
    assert all(np.array_equal(one[name].vectors, other[name].vectors) for name in one)


def trained(layer: CategoricalColumns, make: Any, steps: int = 12) -> CategoricalColumns:
    """The layer after a few steps on random batches, the same for every optimiser."""
    optimizer = make(layer.parameters())
    generator = torch.Generator().manual_seed(5)
    for _ in range(steps):
        ids, numbers = random_ids(layer, 4)[torch.randperm(4, generator=generator)[:2]], torch.zeros(2, 2)
        goal = torch.randn(2, layer.output_dim, generator=generator)
        optimizer.zero_grad()
        (layer(ids, numbers) - goal).square().sum().backward()
        optimizer.step()
    return layer


def test_row_wise_adam_does_what_dense_adam_does():
    ours = trained(fitted(unknown_rate=0.0), lambda rows: optim.Adam(rows, 0.05))
    torchs = trained(fitted(unknown_rate=0.0), lambda rows: torch.optim.Adam(rows, 0.05))
    for name, table in torchs.to_tables().items():
        np.testing.assert_allclose(ours.to_tables()[name].vectors, table.vectors, atol=1e-5)


def test_row_wise_adagrad_steps_only_what_a_batch_met():
    layer = fitted(unknown_rate=0.0)
    before = layer.to_tables()
    optimizer = optim.RowwiseAdagrad(layer.parameters(), 0.1)
    layer(torch.tensor([[2, 1, 3]]), torch.zeros(1, 2)).sum().backward()
    optimizer.step()
    for (name, after), row in zip(layer.to_tables().items(), [2, 1, 3], strict=True):
        moved = np.flatnonzero((after.vectors != before[name].vectors).any(axis=1))
        assert moved.tolist() == [row]


def test_saved_and_loaded(tmp_path: Path):
    layer = fitted(unknown_rate=0.125, min_count=2)
    found = CategoricalColumns.load(layer.save(tmp_path / "layer.safetensors")).eval()
    assert found.unknown_rate == 0.125
    assert repr(found) == repr(layer)
    encoded = layer.encode(frame())
    assert torch.equal(found.encode(frame()).ids, encoded.ids)
    assert torch.equal(found(*encoded), layer.eval()(*encoded))


def test_rows_are_settled_before_they_are_saved(tmp_path: Path):
    layer = trained(fitted(), lambda rows: optim.AdamW(rows, 0.05, weight_decay=0.1))
    found = CategoricalColumns.load(layer.save(tmp_path / "layer")).to_tables()
    assert all(
        np.array_equal(found[name].vectors, table.vectors) for name, table in layer.to_tables().items()
    )


def test_a_state_dict_holds_the_rows_alone():
    layer = fitted()
    assert list(layer.state_dict()) == ["tables.2.weight", "tables.4.weight"]
    other = CategoricalColumns.fit(frame(), dims=DIMS, numeric=["age"])
    other.load_state_dict(layer.state_dict())
    encoded = layer.encode(frame())
    assert torch.equal(other.eval()(*encoded), layer.eval()(*encoded))


def test_tables_there_and_back():
    layer = fitted().eval()
    found = CategoricalColumns.from_tables(layer.to_tables()).eval()
    ids = layer.encode(frame()).ids
    later = {name: values for name, values in frame().items() if name != "age"}
    assert torch.equal(found.encode(later).ids, ids)
    assert torch.equal(found(ids), layer(ids, torch.zeros(40, 2))[:, :-2])


def test_pretrained_rows_of_a_column():
    layer = fitted()
    before = layer.to_tables()
    table = Table.from_arrays(["Rome", "Lima", "Quito"], np.arange(12, dtype=np.float32).reshape(3, 4))
    assert layer.take_rows_("city", table) == 2
    after = layer.to_tables()["city"]
    assert after["Lima"].tolist() == [4, 5, 6, 7]
    assert after["Oslo"].tolist() == before["city"]["Oslo"].tolist()
    assert after["never seen"].tolist() == after["<missing>"].tolist() == [2, 3, 4, 5]
    assert np.array_equal(layer.to_tables()["zip"].vectors, before["zip"].vectors)
    assert layer.take_rows_("city", Table.from_arrays(["Quito"], np.ones((1, 4), np.float32))) == 0


def test_pretrained_rows_that_do_not_fit():
    table = Table.from_arrays(["Rome"], np.ones((1, 5), np.float32))
    with pytest.raises(ShapeError, match="column 'city' has dim 4, but the table has 5; fit with dims="):
        fitted().take_rows_("city", table)
    with pytest.raises(ShapeError, match="must have a column 'town', but has city, job, zip"):
        fitted().take_rows_("town", table)


def test_a_report_tells_of_the_frame_encoded_last():
    layer = fitted()
    with pytest.raises(RecipeError, match=r"call encode\(frame\) first"):
        layer.report()
    layer.encode(
        {"city": ["Quito", "Quito", None, "Rome"], "job": [None] * 4, "zip": [1, 5, 5, 5], "age": [30] * 4}
    )
    report = layer.report()
    assert (report["city"].unknown_rate, report["city"].missing_rate) == (0.5, 0.25)
    assert report["city"].examples == ("Quito",)
    assert (report["job"].missing_rate, report["zip"].unknown_rate, report["age"].missing_rate) == (
        1,
        0.25,
        0,
    )


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_that_is_no_share(rate: float):
    with pytest.raises(RecipeError, match=r"must lie in \[0, 1\]"):
        fitted(unknown_rate=rate)


def test_a_copy_is_independent_and_other_dtypes_work():
    layer = fitted().eval()
    twin = copy.deepcopy(layer).double()
    encoded = layer.encode(frame())
    assert twin(*encoded).dtype == torch.float64
    torch.testing.assert_close(twin(*encoded).float(), layer(*encoded))
    with torch.no_grad():
        twin.tables["4"].weight.zero_()
    assert layer.tables["4"].weight.any()


def test_batches_of_a_loader():
    layer = fitted()
    data = torch.utils.data.TensorDataset(*layer.encode(frame()), torch.zeros(40))
    for ids, numbers, labels in torch.utils.data.DataLoader(data, batch_size=16):
        assert layer(ids, numbers).shape == (len(labels), 12)


def test_the_forward_pass_exports():
    layer = fitted().eval()
    encoded = layer.encode(frame())
    rows = torch.export.Dim("rows")
    program = torch.export.export(layer, tuple(encoded), dynamic_shapes=({0: rows}, {0: rows}))
    torch.testing.assert_close(program.module()(encoded.ids[:3], encoded.numbers[:3]), layer(*encoded)[:3])
