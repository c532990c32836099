"""What the playbooks of all services are made of."""

from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(_Strict):
    """A section of a playbook; an unknown key is refused, not ignored, since it may be a misspelt one."""


class Playbook(_Strict):
    """All rules of one service, as its YAML file has them; an unknown key is refused here too."""
