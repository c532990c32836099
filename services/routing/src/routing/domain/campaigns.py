"""What marketing announced for its campaigns."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Campaign(NamedTuple):
    """The brief and the material of a campaign."""

    brief: str | None = None
    content: tuple[str, ...] = ()
    name: str | None = None
    titles: Mapping[str, str] = MappingProxyType({})
    """Those of its content, as far as the catalogue has them."""
