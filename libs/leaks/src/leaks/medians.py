"""Medians by group of a table that does not fit into memory: exact, in two readings."""

from typing import Any

import polars as pl

from leaks.parts import collect_table


def compute_medians(table: pl.LazyFrame, group: str, value: str) -> dict[Any, float]:
    """Return the median of each group's values, none of which is negative. A group without values is left out.

    The first reading counts the values by their rounded square root, which keeps their order; the second one counts
    each value of those steps alone in which a middle one lies.
    """
    values = table.select(group=pl.col(group), value=pl.col(value)).drop_nulls("value")
    values = values.with_columns(step=pl.col("value").sqrt().cast(pl.Int32))
    counted = collect_table(values.group_by("group", "step").agg(many=pl.len())).sort("group", "step")
    steps = _select_middle_rows(counted.with_columns(before=0, size=pl.col("many").sum().over("group")))
    bounds = steps.group_by("group").agg(
        first=pl.col("step").min(), last=pl.col("step").max(), before=pl.col("start").min(), size=pl.col("size").first()
    )
    near = values.join(bounds.lazy(), on="group", nulls_equal=True).filter(
        pl.col("step").is_between(pl.col("first"), pl.col("last"))
    )
    counted = collect_table(near.group_by("group", "value", "before", "size").agg(many=pl.len())).sort("group", "value")
    ends = _select_middle_rows(counted).group_by("group").agg(low=pl.col("value").first(), high=pl.col("value").last())
    return {group: (low + high) / 2 for group, low, high in ends.iter_rows()}


def _select_middle_rows(counted: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in which the one or two middle values of each group lie.

    Args:
        counted: In order, with how `many` values a row stands for, how many of its group come `before` all of its
            group's rows, and the `size` of the group.
    """
    end = pl.col("before") + pl.col("many").cum_sum().over("group")
    placed = counted.with_columns(start=end - pl.col("many"), end=end)
    lower, upper = (pl.col("size") - 1) // 2, pl.col("size") // 2
    return placed.filter((pl.col("end") > lower) & (pl.col("start") <= upper))
