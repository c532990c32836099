"""What a card is held against: gradient boosting, the naive Bayes that CRMs ship, and the base rate."""

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.naive_bayes import CategoricalNB

from baton.calibration.columns import Codes, Column, Flags, Numbers

MOST_LEVELS = 250
TENTHS = np.linspace(0.1, 0.9, 9)
BOOSTING = {
    "learning_rate": 0.05, "max_iter": 400, "max_leaf_nodes": 15, "min_samples_leaf": 20, "l2_regularization": 5.0,
    "early_stopping": True, "validation_fraction": 0.15, "n_iter_no_change": 20, "random_state": 0,
}  # fmt: skip


def predict_by_boosting(columns: Sequence[Column], happened: Numbers, seen: Flags) -> Numbers:
    """Learn gradient-boosted trees from the rows `seen`; give the others' probability."""
    worded = [column.kind == "word" for column in columns]
    table = np.column_stack(
        [
            _codes_by_frequency(column, seen, MOST_LEVELS) if texts else column.numbers
            for column, texts in zip(columns, worded, strict=True)
        ]
    )
    model = HistGradientBoostingClassifier(categorical_features=worded, **BOOSTING)
    model.fit(table[seen], happened[seen])
    return np.asarray(model.predict_proba(table[~seen])[:, 1], dtype=np.float64)


def predict_by_naive_bayes(columns: Sequence[Column], happened: Numbers, seen: Flags) -> Numbers:
    """Learn naive Bayes over categories (numbers by tenths) from the rows `seen`; give the others' probability."""
    coded = np.column_stack(
        [
            _codes_by_frequency(each, seen, MOST_LEVELS) if each.kind == "word" else _decile_codes(each, seen)
            for each in columns
        ]
    )
    model = CategoricalNB(min_categories=coded.max(axis=0) + 1)
    model.fit(coded[seen], happened[seen])
    return np.asarray(model.predict_proba(coded[~seen])[:, 1], dtype=np.float64)


def _codes_by_frequency(column: Column, seen: Flags, most: int) -> Codes:
    """Number the answers by frequency; rare and new ones share the last number."""
    counts = np.bincount(column.codes[seen], minlength=len(column.levels))
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    rank[counts == 0] = most
    return np.minimum(rank, min(most, int((counts > 0).sum())))[column.codes]


def _decile_codes(column: Column, seen: Flags) -> Codes:
    known = column.numbers[seen & ~np.isnan(column.numbers)]
    edges = np.unique(np.quantile(known, TENTHS)) if len(known) else np.empty(0)
    return np.where(
        np.isnan(column.numbers), len(edges) + 1, np.searchsorted(edges, column.numbers, side="right")
    ).astype(np.int64)
