"""What a playbook may say and probably does not mean."""

from collections.abc import Iterator, Mapping

from scoring.playbook.thresholds import Strictness, Thresholds
from scoring.playbook.worth import ReadinessRules


def list_cap_warnings(
    readiness: ReadinessRules, strictness: Strictness, thresholds: Mapping[str, Thresholds]
) -> Iterator[str]:
    """Yield the rows whose cap is exactly a line from which somebody is a lead: who reaches it falls below at once."""
    setting = strictness.adds[strictness.setting]
    lines = {
        line - setting + shift: (name, segment)
        for segment, each in thresholds.items()
        for line in each.lead_lines.values()
        for name, shift in strictness.adds.items()
    }
    for name, cap in {row.name: row.cap for row in (*readiness.worth, *readiness.signals)}.items():
        if cap in lines:
            at, segment = lines[cap]
            whose = f" of {segment}" if segment else ""
            yield f"readiness: the cap of {name} ({cap:g}) is a line{whose} at strictness {at}: it is lost within a day"
