"""What the ledger found: one finding for each thing that differs, gathered into one check for each rule."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from events.parts import JsonObject

FLOW = "flow"
"""The service of a check that concerns several."""

SHOWN_ROWS = 20
"""Findings of one check that a report lists; the residual counts them all."""


class CheckDocument(TypedDict):
    """A check as `baton audit --json` prints it."""

    service: str
    check: str
    residual: int
    rows: list[JsonObject]


class AuditDocument(TypedDict):
    """What `baton audit --json` prints."""

    residual: int
    scope: str
    checks: list[CheckDocument]


@dataclass(frozen=True)
class Finding:
    """One thing that breaks a rule: what differs, where, and what to do next."""

    rule: str
    id: str
    """The lead, contact, clock, stream or other thing that the rule compares."""
    contact_id: str | None
    what: str
    where: Mapping[str, str]
    """What each service has."""
    next: str


@dataclass(frozen=True)
class LedgerCheck:
    """One rule with everything that breaks it."""

    service: str
    check: str
    findings: tuple[Finding, ...]

    @property
    def residual(self) -> int:
        """How many things break the rule."""
        return len(self.findings)

    def as_dict(self) -> CheckDocument:
        """Return what `baton audit --json` prints of it."""
        rows = [asdict(finding) for finding in self.findings[:SHOWN_ROWS]]
        return {"service": self.service, "check": self.check, "residual": self.residual, "rows": rows}


@dataclass(frozen=True)
class LedgerReport:
    """The checks of one examination, and how much of the contacts it covered."""

    checks: tuple[LedgerCheck, ...]
    scope: str

    @property
    def residual(self) -> int:
        """How many things break a rule; 0 where all is well."""
        return sum(check.residual for check in self.checks)

    @property
    def findings(self) -> list[Finding]:
        """All findings of all checks."""
        return [finding for check in self.checks for finding in check.findings]

    def as_dict(self) -> AuditDocument:
        """Return the document that `baton audit --json` prints."""
        return {
            "residual": self.residual,
            "scope": self.scope,
            "checks": [check.as_dict() for check in self.checks],
        }


def keep_findings_in_both(first: Iterable[LedgerCheck], second: Iterable[LedgerCheck]) -> list[LedgerCheck]:
    """Return the second examination's checks with only those findings that the first one has, unchanged, too."""
    known = {(check.service, check.check): set(map(_finding_identity, check.findings)) for check in first}
    return [
        LedgerCheck(
            check.service,
            check.check,
            tuple(
                finding
                for finding in check.findings
                if _finding_identity(finding) in known.get((check.service, check.check), ())
            ),
        )
        for check in second
    ]


def merge_checks_by_rule(checks: Iterable[LedgerCheck]) -> list[LedgerCheck]:
    """Return one check a rule, with the findings of all scopes, each once."""
    found: dict[tuple[str, str], dict[tuple[Any, ...], Finding]] = {}
    for check in checks:
        of_rule = found.setdefault((check.service, check.check), {})
        of_rule |= {_finding_identity(finding): finding for finding in check.findings}
    return [LedgerCheck(service, title, tuple(of_rule.values())) for (service, title), of_rule in found.items()]


def _finding_identity(finding: Finding) -> tuple[Any, ...]:
    return finding.rule, finding.id, finding.what, *sorted(finding.where.items())
