"""The rules that both teams sign: who must have signed a candidate, and what may be done with it then."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from desk.domain.orders import Target
from desk.domain.rights import Viewer


@dataclass(frozen=True, slots=True)
class Signature:
    """An approver's name in the rules, and who of ours signed for it."""

    name: str
    user_id: str
    at: str
    key: str | None = None
    """The name of the API key by which that came, or the public part of one that has no name; None: on the page."""

    @property
    def signer(self) -> str:
        """Who signed, with the key where it was not them in person."""
        return self.user_id if self.key is None else f"{self.user_id} by key {self.key}"


@dataclass(frozen=True, slots=True)
class KeptRules:
    """What a service decided by before a candidate, and who had agreed to it."""

    definitions: str
    body: str
    approvals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Rules that are proposed, as a whole: the texts of each service whose rules would change."""

    candidate_id: UUID
    definitions: str
    bodies: Mapping[Target, str]
    approvers: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime
    signatures: tuple[Signature, ...] = ()
    before: Mapping[Target, KeptRules] | None = None
    """What each service decided by until this was put in force; None where it never was."""
    activated_at: datetime | None = None
    ended_at: datetime | None = None
    """Since when nobody can sign it any more: another was proposed, or the rules before it are in force again."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The approvers who have not signed."""
        return self.unsigned_of(self.approvers)

    def unsigned_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of these approvers who have not signed."""
        signed = {each.name for each in self.signatures}
        return tuple(dict.fromkeys(name for name in names if name not in signed))

    @property
    def is_open(self) -> bool:
        """Whether it can still be signed and put in force."""
        return self.activated_at is None and self.ended_at is None

    @property
    def is_begun(self) -> bool:
        """Whether services are being led to it, and some may follow it while others do not."""
        return self.is_open and self.before is not None

    def asking(self, names: Iterable[str]) -> "Candidate":
        """Return the same, to be signed by these approvers too."""
        return replace(self, approvers=tuple(dict.fromkeys([*self.approvers, *names])))

    def is_same_as(self, definitions: str, bodies: Mapping[Target, str], signing: Collection[str]) -> bool:
        """Check that it is these rules, for these approvers to sign; half in force it stays with who signed it."""
        is_theirs = self.before is not None or set(self.approvers) == set(signing)
        return (self.definitions, self.bodies) == (definitions, bodies) and is_theirs

    def is_of(self, name: Target, now: KeptRules) -> bool:
        """Check that what a service decides by is this candidate's or what was before it, and nothing newer."""
        was = (self.before or {})[name]
        return (now.definitions, now.body) == (was.definitions, was.body) or self.is_followed_by(name, now)

    def is_followed_by(self, name: Target, now: KeptRules) -> bool:
        """Check that what a service decides by is this candidate's."""
        was = (self.before or {}).get(name, now)
        return (now.definitions, now.body) == (self.definitions, self.bodies.get(name, was.body))

    def approvals_of(self, before: KeptRules) -> tuple[str, ...]:
        """Return who agrees to the rules before it: those who did then, and who signed it: that covers going back."""
        return tuple(dict.fromkeys([*before.approvals, *(each.name for each in self.signatures)]))

    def may_sign(self, viewer: Viewer) -> bool:
        """Check whether somebody's signature is asked for; nobody signs for two teams."""
        mine = {each.user_id for each in self.signatures}
        return self.is_open and viewer.signs_as in self.missing and viewer.user_id not in mine

    def may_activate(self, viewer: Viewer) -> bool:
        """Check whether somebody may put it in force: all have signed, and they are an operator or an approver."""
        return self.is_open and not self.missing and viewer.decides_on_rules(self.approvers)

    def may_go_back(self, viewer: Viewer) -> bool:
        """Check whether somebody may put the rules before it in force again, also where it is in force in part."""
        return self.before is not None and self.ended_at is None and viewer.decides_on_rules(self.approvers)


def list_who_must_sign(in_force: Sequence[str], proposed: Sequence[str]) -> tuple[str, ...]:
    """Return whose signatures rules need: of the approvers until now, and of those whom the rules name.

    Whoever proposes others in their place would else appoint them, or themselves, alone.
    """
    return tuple(dict.fromkeys([*in_force, *proposed]))
