"""Rows as structs: what a statement returns has named and typed fields (ADR 0080)."""

from collections.abc import Callable
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from events.runtime import bulk
from events.runtime.json_answers import json_answer
from events.runtime.rows import Row, RowDiffers, field, read_row, read_rows

from .conftest import Toy

Writer = Callable[[type[SQLModel], bulk.Rows], bulk.Write]


class Kept(SQLModel, table=True):
    __tablename__ = "kept_by_the_tests_of_rows"

    label: str = Field(sa_column=sa.Column(sa.Text))
    other: str = Field(sa_column=sa.Column(sa.Text))
    number: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True))


class Named(Row):
    number: int
    text: str = field(name="label")


class Counted(Named, kw_only=True):
    times: list[int]


class Heard(Row):
    engagement_id: UUID
    times: int


def test_an_answer_writes_a_row_by_its_columns() -> None:
    row = Counted(1, "a", times=[2])
    assert orjson.loads(json_answer({"items": [row]}).body) == {"items": [{"number": 1, "label": "a", "times": [2]}]}
    assert row.with_values(number=3) == Counted(3, "a", times=[2])


def test_a_row_selects_its_columns_in_its_own_order() -> None:
    assert [column.name for column in Named.columns(bulk.get_table(Kept))] == ["number", "label"]


@pytest.mark.parametrize("write", [bulk.build_insert, bulk.build_upsert, bulk.build_update])
def test_rows_are_written_as_mappings_of_their_columns_are(
    write: Callable[[type[SQLModel], bulk.Rows], bulk.Write],
) -> None:
    rows = [Named(1, "a"), Named(2, "b"), Named(1, "c")]
    statement, arrays = write(Kept, rows)
    as_mappings, same_arrays = write(Kept, [row.as_dict() for row in rows])
    assert (statement, list(map(list, arrays))) == (as_mappings, list(map(list, same_arrays)))


def test_of_rows_with_one_key_the_last_is_written() -> None:
    _, arrays = bulk.build_upsert(Kept, [Named(1, "a"), Named(2, "b"), Named(1, "c")])
    assert list(map(list, arrays)) == [[1, 2], ["c", "b"]]


async def test_both_kinds_of_statements_return_rows(toy: Toy) -> None:
    made_of_parts = sa.select(sa.func.gen_random_uuid().label("engagement_id"), sa.literal(2).label("times"))
    text = "select $1::uuid as engagement_id, $2::int as times"
    async with toy.running(), toy.service.transaction() as tx:
        [made] = await read_rows(tx, Heard, made_of_parts)
        [again] = await read_rows(tx, Heard, text, made.engagement_id, 2)
        none = await read_row(tx, Heard, "select engagement_id, times from heard where times = $1", -1)
    assert (made, none) == (again, None)


@pytest.mark.parametrize("columns", ["times, engagement_id", "engagement_id", "engagement_id, times, contact_id"])
async def test_a_statement_that_returns_other_columns_fails_at_the_first_row(toy: Toy, columns: str) -> None:
    row = "select gen_random_uuid() as engagement_id, gen_random_uuid() as contact_id, 2 as times"
    async with toy.running(), toy.service.transaction() as tx:
        with pytest.raises(RowDiffers, match="Heard"):
            await read_row(tx, Heard, f"select {columns} from ({row}) as r")  # noqa: S608 - of constants
