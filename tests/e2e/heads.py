"""The two heads who approve the rules: invited as the approvers that `definitions.yaml` names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from baton.cli import run
from baton.exit_codes import DONE

MARKETING, SALES = "marketing:head_of_demand_generation", "sales:head_of_sales_development"
HEADS = {"eva": MARKETING, "sam": SALES}
APPROVED = [f"--approved-by={name}" for name in HEADS]


def invite_heads(baton: Callable[..., Any]) -> None:
    """Invite both by `baton desk invite`, which `baton` runs."""
    for name, signs_as in HEADS.items():
        baton("desk", "invite", name, "--role=marketing", f"--signs-as={signs_as}")


def activate(data: Path, folder: Path, *more: str) -> None:
    """Put rules in force on a stack of this machine, approved by both heads."""

    def here(*arguments: str) -> None:
        assert run([*arguments, "--data", str(data)]) == DONE

    invite_heads(here)
    here("playbook", "activate", str(folder), "--by=kim", *APPROVED, *more)
