"""What the playbooks of all services are made of."""

from pydantic import BaseModel, ConfigDict


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(_StrictModel):
    """A section of a playbook; an unknown key is refused, not ignored, since it may be a misspelt one."""


class Playbook(_StrictModel):
    """All rules of one service, as its YAML file has them; an unknown key is refused here too."""
