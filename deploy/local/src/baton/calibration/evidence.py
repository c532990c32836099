"""What can be learned from a table: who succeeded, which columns say something, and why the others are left out."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from baton.calibration.columns import Column, Numbers, fold_answer, is_answer, parse_number, read_column
from baton.calibration.leaks import LeakingColumn, find_leaking_columns, split_heading
from baton.calibration.learning import weigh_columns
from baton.calibration.table import Table
from baton.exit_codes import FoundWrongError, WrongUsageError

LEAST_POSITIVES = 30
LEAST_DAYS = 28
SUCCESS = frozenset(
    ("yes", "y", "true", "t", "1", "won", "closed won", "converted", "success", "positive", "ja", "oui", "si", "sim")
)
FAILURE = frozenset(
    ("no", "n", "false", "f", "0", "lost", "closed lost", "not converted", "failure", "negative", "nein", "non", "nao")
)
IDS = frozenset(
    ("id", "ids", "uuid", "guid", "key", "number", "no", "nr", "num", "code", "ref", "index", "customerid", "rownumber")
)
WHO_WORKS = frozenset(("owner", "rep", "reps", "assignee"))
WHAT_IS_WORKED = frozenset(
    (
        "contact",
        "lead",
        "company",
        "account",
        "deal",
        "opportunity",
        "record",
        "person",
        "sales",
        "crm",
        "bdr",
        "sdr",
        "ae",
    )
)
MOST_ANSWERS = 0.5
"""A column of words with more different answers than this share of its rows names rows; it does not describe them."""
LEAST_OTHERWISE = 10
"""Nearly all rows say the same when fewer than this say something else."""


@dataclass(frozen=True)
class DroppedColumn:
    """A column left out because nothing can be learned from it."""

    column: str
    reason: str


@dataclass
class TrainingData:
    """Rows with a known outcome, and the columns to learn from."""

    outcome: str
    positive: str
    happened: Numbers
    columns: dict[str, Column]
    time: Column | None
    """When each row became known, where a column tells."""
    leaks: list[LeakingColumn] = field(default_factory=list)
    dropped: list[DroppedColumn] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.happened)

    @property
    def success_count(self) -> int:
        """How many of them succeeded."""
        return int(self.happened.sum())


def gather_training_data(
    table: Table,
    *,
    outcome: str,
    positive: str | None = None,
    time: str | None = None,
    exclude: Collection[str] = (),
    keep: Collection[str] = (),
) -> TrainingData:
    """Take from a table what can be learned; raises `FoundWrongError` where that is too little.

    `exclude` leaves columns out; `keep` holds columns that would count as leaks.
    """
    for name in (*exclude, *keep):
        table.get_column(name)
    table, happened, positive, warnings = _extract_outcomes(table, outcome, positive)
    happened, table, when = _extract_times(table, happened, time, warnings)
    _refuse_too_few_outcomes(happened, outcome, positive)
    found = TrainingData(outcome, positive, happened, {}, when, warnings=[*table.notes, *warnings])
    left_out = {outcome, *exclude} | ({time} if time else set())
    columns = [read_column(name, texts) for name, texts in table.columns.items() if name not in left_out]
    suspects = [replace(column, kind="number") if column.kind == "date" else column for column in columns]
    leaks = find_leaking_columns(weigh_columns(suspects, happened, {}), happened, outcome)
    found.leaks = [leak for leak in leaks if leak.column not in keep]
    found.warnings += [
        f"{leak.column} looks like a leak and is kept: {leak.reason}" for leak in leaks if leak.column in keep
    ]
    leaking = {leak.column for leak in found.leaks}
    found.dropped = [DroppedColumn(name, "excluded by you") for name in exclude]
    _split_usable_and_dropped_columns([column for column in columns if column.name not in leaking], found)
    if not found.columns:
        gone = [f"{leak.column}: {leak.reason}" for leak in found.leaks]
        gone += [f"{each.column}: {each.reason}" for each in found.dropped]
        reasons = "; ".join(gone) or "there is no other one"
        raise FoundWrongError(f"nothing to learn from: no column is left ({reasons})")
    return found


def _extract_outcomes(table: Table, outcome: str, positive: str | None) -> tuple[Table, Numbers, str, list[str]]:
    """Return who succeeded; rows without an outcome are left out."""
    texts = [fold_answer(text) for text in table.get_column(outcome)]
    answers = sorted({text for text in texts if is_answer(text)})
    success, others, warnings = _choose_success_value(answers, outcome, positive), len(answers) > 1, []
    rows = [row for row, text in enumerate(texts) if is_answer(text) or not others]
    if len(rows) < len(texts):
        warnings.append(f"{len(texts) - len(rows)} rows have no outcome and are left out")
    if not others:
        warnings.append(f"{outcome} says nothing but {success!r}; blank rows are taken as failures")
    elif len(answers) > 2:  # noqa: PLR2004 - yes and no
        warnings.append(f"{outcome} has {len(answers)} values; all but {success!r} are taken as failures")
    happened = np.array([texts[row] == success for row in rows], dtype=np.float64)
    return table.select_rows(rows) if len(rows) < table.rows else table, happened, success, warnings


def _choose_success_value(answers: Sequence[str], outcome: str, positive: str | None) -> str:
    if not answers:
        raise FoundWrongError(f"{outcome} is empty: no outcome is known")
    if positive is not None:
        wanted, number = fold_answer(positive), parse_number(positive, ".")
        same = [
            each for each in answers if each == wanted or (number is not None and parse_number(each, ".") == number)
        ]
        if not same:
            raise WrongUsageError(f"{outcome} never says {positive!r}; it says {', '.join(answers[:10])}")
        return same[0]
    known = [each for each in answers if each in SUCCESS or parse_number(each, ".") == 1]
    if len(known) == 1 and len(answers) <= 2:  # noqa: PLR2004 - yes and no
        return known[0]
    unclear = [each for each in answers if each not in FAILURE and parse_number(each, ".") != 0]
    if len(unclear) == 1:
        return unclear[0]
    raise WrongUsageError(f"{outcome} says {', '.join(answers[:10])}: which of them is a success? (--positive VALUE)")


def _extract_times(
    table: Table, happened: Numbers, time: str | None, warnings: list[str]
) -> tuple[Numbers, Table, Column | None]:
    if time is None:
        return happened, table, None
    when = read_column(time, table.get_column(time))
    dated = ~np.isnan(when.numbers)
    if when.kind == "word" or not dated.any():
        raise WrongUsageError(f"{time} holds no dates")
    if not dated.all():
        warnings.append(f"{int((~dated).sum())} rows have no {time} and are left out")
        rows = np.flatnonzero(dated)
        happened, table, when = happened[rows], table.select_rows(rows.tolist()), when.select_rows(rows)
    span = float(when.numbers.max() - when.numbers.min())
    if when.kind == "date" and span < LEAST_DAYS:
        raise FoundWrongError(
            f"too short a time: {time} spans {span:.0f} days, and at least {LEAST_DAYS} are needed"
            " to hold what the earlier leads teach against the later ones"
        )
    return happened, table, when


def _refuse_too_few_outcomes(happened: Numbers, outcome: str, positive: str) -> None:
    won, lost = int(happened.sum()), int((1 - happened).sum())
    for count, what in ((won, f"successes ({outcome} = {positive!r})"), (lost, "failures")):
        if count < LEAST_POSITIVES:
            raise FoundWrongError(
                f"too little data: {count} {what} among {len(happened)} rows, and at least {LEAST_POSITIVES} are needed"
                f" ({LEAST_POSITIVES - count} more)"
            )


def _split_usable_and_dropped_columns(columns: Sequence[Column], found: TrainingData) -> None:
    """Keep the columns that describe rows; say of each other why it is left out."""
    seen: dict[bytes, str] = {}
    for column in columns:
        reason = next(_reasons_to_drop_column(column, found.happened), None)
        if reason is None:
            content = column.codes if column.kind == "word" else column.numbers
            twin = seen.setdefault(content.tobytes(), column.name)
            reason = f"says the same as {twin}" if twin != column.name else None
        if reason is None and column.kind == "date" and (found.time is None or found.time.kind != "date"):
            reason = "a date: it says when, not who (--time names the one that orders the rows)"
        if reason is None and column.kind == "date" and found.time is not None:
            column = _dates_to_age_in_days(column, found.time)  # noqa: PLW2901 - from here on it is a number of days
            if np.nanmedian(column.numbers) < 0:
                reason = f"a date that lies after {column.name!r} became known"
        if reason is None:
            found.columns[column.name] = column
        else:
            found.dropped.append(DroppedColumn(column.name, reason))


def _dates_to_age_in_days(column: Column, time: Column) -> Column:
    """Turn dates into days before the row became known."""
    return replace(column, kind="number", numbers=time.numbers - column.numbers)


def _reasons_to_drop_column(column: Column, happened: Numbers) -> Iterator[str]:
    if _heading_names_a_rep(column.name):
        yield "it says who works the lead, and points are the same for every rep (rename it if it means another thing)"
    counts = column.count_levels
    if (counts > 0).sum() <= 1:
        yield f"constant: always {column.levels[0]!r}" if column.levels[0] else "empty"
        return
    usual = int(counts.argmax())
    otherwise = len(happened) - int(counts[usual])
    if otherwise < LEAST_OTHERWISE:
        yield f"nearly constant: {otherwise} rows say something else than {column.levels[usual] or 'blank'!r}"
    if column.kind != "date" and _is_identifier_column(column):
        yield "an identifier: it names rows, it does not describe them"
    for won, what in ((1, "successes"), (0, "failures")):
        codes = np.unique(column.codes[happened == won])
        if len(codes) == 1:
            yield f"one-sided: all {what} say {column.levels[codes[0]] or 'blank'!r}, so none tells what else means"


def _heading_names_a_rep(heading: str) -> bool:
    """Return whether a heading is of who works a lead: `Contact owner`, `rep_id`, `Assigned To`; not `Home owner`."""
    terms = [term for term in split_heading(heading) if term not in {"id", "name", "email", "mail", "per"}]
    if terms[-2:] == ["assigned", "to"]:
        return True
    return terms[-1:] != [] and terms[-1] in WHO_WORKS and set(terms[:-1]) <= WHAT_IS_WORKED


def _is_identifier_column(column: Column) -> bool:
    """Return whether a column names its rows: texts that hardly repeat, or whole numbers that count up."""
    filled = int(column.find_filled_rows.sum())
    if column.kind == "word":
        return column.count_distinct_answers > MOST_ANSWERS * filled and column.count_distinct_answers > LEAST_OTHERWISE
    numbers = column.numbers[~np.isnan(column.numbers)]
    if column.count_distinct_answers < 0.99 * filled or not np.array_equal(numbers, np.round(numbers)):
        return False
    rising = np.abs(np.sign(np.diff(numbers)).mean()) if len(numbers) > 1 else 0.0
    return bool(IDS & set(split_heading(column.name))) or rising > 0.99  # noqa: PLR2004 - counts up (or down) throughout
