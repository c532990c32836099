"""The registry of capture's tables."""

from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import SQLModel


class Table(SQLModel):
    """A table of capture's, apart from the other services' tables of the same name."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData()
