"""The lifecycle as a picture and tables, from the same table by which leads move."""

from collections.abc import Iterable, Mapping
from typing import Any

from feedback.domain.lifecycle import AROUND, BY_BATON, BY_CONTACT, BY_CUSTOMER_SUCCESS, FINER, TABLE
from feedback.playbook import Definitions

HEAD = """# The life of a lead

Written by `make docs` from the table in `services/feedback/src/feedback/domain/lifecycle.py` and from
`deploy/playbook/definitions.yaml`. Whatever is not here is refused with 409, and the answer names what is legal.
"""


def list_moves() -> Iterable[tuple[str, str, str]]:
    """Return every move of the table and around it as (from, step, to)."""
    for table in (AROUND, TABLE):
        for state, steps in table.items():
            for step, targets in steps.items():
                yield from ((state, step, to) for to in targets)


def draw_mermaid(stages: Iterable[str]) -> str:
    """Draw the table as a state diagram; of the stages around it only those that the definitions name."""
    named = set(stages)
    arrows: dict[tuple[str, str], list[str]] = {}
    for state, step, to in list_moves():
        if {state, to} <= named | TABLE.keys():
            arrows.setdefault((state, to), []).append(step)
    lines = ["stateDiagram-v2", f"    [*] --> {'suspect' if 'suspect' in named else 'mql'}"]
    lines += [f"    {state} --> {to}: {', '.join(steps)}" for (state, to), steps in arrows.items()]
    lines += [f"    note right of {state}: {name}" for name, state in FINER.items() if name in named]
    if "erased" in named:
        lines.append("    erased --> [*]")
        lines.append("    note left of erased: from every state, when the person asks")
    return "\n".join(lines)


def write_lifecycle_page(definitions: Definitions) -> str:
    """Write the page: the picture, the moves, the stages with their owners."""
    parts = [
        HEAD,
        "```mermaid",
        draw_mermaid(definitions.stages),
        "```",
        "",
        "## Moves",
        "",
        "| from | step | to | who |",
    ]
    parts.append("|---|---|---|---|")
    parts += [
        f"| {state} | {step} | {' or '.join(to)} | {_describe_actor(step)} |"
        for state, step, to in _list_transitions(TABLE)
    ]
    parts += [
        f"| {state} | {step} | {' or '.join(to)} | {_describe_actor(step)} |"
        for state, step, to in _list_transitions(AROUND)
    ]
    parts += ["", "## Stages", "", "| stage | means | owner | goal | target |", "|---|---|---|---|---|"]
    for name, stage in definitions.stages.items():
        target = "" if stage.target is None else f"{stage.target:.0%} to {definitions.north_star}"
        parts.append(f"| {name} | {stage.means} | {stage.side} | {stage.goal or ''} | {target} |")
    return "\n".join(parts) + "\n"


def _list_transitions(table: Mapping[Any, Mapping[Any, tuple[str, ...]]]) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    for state, steps in table.items():
        for step, to in steps.items():
            yield state, step, to


def _describe_actor(step: str) -> str:
    if step in {"engage", "qualify", "wake"}:
        return "the contact, by scoring"
    if step in BY_CONTACT:
        return "the contact, by routing"
    if step in BY_CUSTOMER_SUCCESS:
        return "customer success"
    return "Baton" if step in BY_BATON else "a rep"
