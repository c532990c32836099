"""The base that the service's tables share."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Table(SQLModel, registry=registry()):
    """The base of this service's tables: a registry of its own, since other services have a `leads` too."""
