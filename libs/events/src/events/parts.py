"""What events are made of: structs that msgspec reads and writes, with pydantic models of the same fields behind."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Self, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, GetCoreSchemaHandler, JsonValue, create_model
from pydantic_core import CoreSchema, core_schema

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No instant of an event lies before the first or in or after the last: near the calendar's ends no instant can be
moved to UTC, and nobody computes the working days since the year 1."""


def convert_to_utc(at: datetime) -> datetime:
    """Return an instant with a zone in UTC; raises `ValueError` where its year is none of an event's."""
    if not FIRST_YEAR <= at.year < LAST_YEAR:
        msg = "not a year of an event"
        raise ValueError(msg)
    return at.astimezone(UTC)


Instant = Annotated[datetime, msgspec.Meta(tz=True), AwareDatetime, AfterValidator(convert_to_utc)]
"""A point in time with a zone, in UTC."""

Scalar = str | int | float | bool | None
JsonObject = dict[str, JsonValue]
"""A document whose fields have no names of ours: what a sender wrote, a column of JSON."""


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of an event's value. Unknown fields are ignored, so that newer producers can add some.

    Values that are given to its constructor are not looked at: types are checked before it runs.
    """

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Return the names of the fields, in the order in which they are written."""
        return cls.__struct_fields__

    @classmethod
    def model(cls) -> type[BaseModel]:
        """Return the same fields as a pydantic model: for JSON Schemas, and for values from anywhere else."""
        return _build_pydantic_model(cls)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Make one of values that nobody has checked; raises `pydantic.ValidationError`."""
        try:
            part = msgspec.convert(values, cls)
        except msgspec.ValidationError:
            pass
        else:
            if is_in_utc(part):
                return part
        return cls._from_model(cls.model().model_validate(values))

    def as_dict(
        self, *, only: Collection[str] | None = None, without: Collection[str] = (), filled: bool = False
    ) -> dict[str, Any]:
        """Return the values by name: `only` these fields, or all `without` those; where `filled`, none that is None."""
        return {
            name: value
            for name in self.__struct_fields__
            if (only is None or name in only) and name not in without
            if (value := getattr(self, name)) is not None or not filled
        }

    def as_json(
        self, *, only: Collection[str] | None = None, without: Collection[str] = (), filled: bool = False
    ) -> dict[str, Any]:
        """Return the same as JSON has it, parts within included: ids and times are texts."""
        values = msgspec.to_builtins(self.as_dict(only=only, without=without, filled=filled))
        found: dict[str, Any] = _without_none(values) if filled else values
        return found

    def changed(self, **values: Any) -> Self:
        """Return a copy with other values of some fields."""
        return msgspec.structs.replace(self, **values)

    @classmethod
    def _from_model(cls, model: BaseModel) -> Self:
        return cls(**{name: getattr(model, name) for name in cls.__struct_fields__})

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic's models have fields of this type."""
        read = core_schema.no_info_after_validator_function(cls._from_model, handler.generate_schema(cls.model()))
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), read], mode="left_to_right"),
            serialization=core_schema.plain_serializer_function_ser_schema(_serialize_part, info_arg=True),
        )


def _serialize_part(part: Part, info: core_schema.SerializationInfo) -> Any:
    if info.mode == "json":
        return part.as_json(filled=info.exclude_none)
    return part


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(inner) for name, inner in value.items() if inner is not None}
    return [_without_none(inner) for inner in value] if isinstance(value, list) else value


@cache
def _build_pydantic_model(kind: type[Part]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
        fields[field.name] = (field.type, ... if field.required else default)
    config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)
    return create_model(kind.__name__, __config__=config, __doc__=kind.__doc__, __module__=kind.__module__, **fields)


class _InstantFields(NamedTuple):
    """Where a type of part has instants: in fields of its own, in fields that are parts, and in lists of parts."""

    own: tuple[str, ...]
    parts: tuple[str, ...]
    lists: tuple[str, ...]


@cache
def _find_instant_fields(kind: type[Part]) -> _InstantFields:
    own, parts, lists = [], [], []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        if Instant in choices:
            own.append(name)
        if any(map(_is_part_with_instants, choices)):
            parts.append(name)
        if any(get_origin(choice) is list and any(map(_is_part_with_instants, get_args(choice))) for choice in choices):
            lists.append(name)
    return _InstantFields(tuple(own), tuple(parts), tuple(lists))


def _is_part_with_instants(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Part) and any(_find_instant_fields(hint))


def is_in_utc(part: Part) -> bool:
    """Return whether all instants of a part are in UTC and within the years of events."""
    own, parts, lists = _find_instant_fields(type(part))
    for name in own:
        at: datetime | None = getattr(part, name)
        if at is not None and not (at.tzinfo is UTC and FIRST_YEAR <= at.year < LAST_YEAR):
            return False
    for name in parts:
        inner: Part | None = getattr(part, name)
        if inner is not None and not is_in_utc(inner):
            return False
    return all(is_in_utc(inner) for name in lists for inner in getattr(part, name) or ())
