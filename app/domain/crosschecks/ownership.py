"""Who controls whom: shares, directly and through companies that are themselves controlled."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from app.domain.crosschecks.index import Index
from app.domain.crosschecks.parameters import Control

_GROUP_ENDS = frozenset({"LTD", "LIMITED", "CO", "COMPANY", "INC", "LLC", "GMBH", "AG", "SA"})
_MIN_WORD = 3


@dataclass(slots=True)
class Ownership:
    """The register, by what checks ask of it.

    Attributes:
        controlled: companies that a holder (person or company) controls.
        controllers: holders that control a company.
        beneficial: persons with a significant direct share, or control.
        skipped: holders of too many companies.
    """

    controlled: dict[str, set[str]] = field(default_factory=dict)
    controllers: dict[str, set[str]] = field(default_factory=dict)
    beneficial: dict[str, set[str]] = field(default_factory=dict)
    skipped: int = 0
    directors: Counter[str] = field(default_factory=Counter)
    contacts: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def group_of(self, party: str) -> str:
        """One name for all companies of a group: the first id of its ultimate controllers."""
        top = [
            holder for holder in self.controllers.get(party, ()) if not self.controllers.get(holder)
        ]
        return min(top, default=party)


def ownership_of(index: Index, parameters: Control) -> Ownership:
    """Reads the register."""
    ownership = Ownership()
    shares: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for party in index.parties.values():
        for holding in party.owners:
            shares[holding.holder][party.id] += holding.share
        ownership.directors.update(set(party.directors))
        ownership.contacts.update(set(party.contacts))
        ownership.words.update(set(words_of(party.name)))
    for holder in sorted(shares):
        if len(shares[holder]) > parameters.max_holdings:
            ownership.skipped += 1
            continue
        ownership.controlled[holder] = _controlled(holder, shares, parameters)
    controllers, beneficial = defaultdict(set), defaultdict(set)
    for holder, companies in ownership.controlled.items():
        for company in companies:
            controllers[company].add(holder)
        if holder not in index.parties:
            significant = {
                company
                for company, held in shares[holder].items()
                if held >= parameters.significant
            }
            for company in companies | significant:
                beneficial[company].add(holder)
    ownership.controllers, ownership.beneficial = dict(controllers), dict(beneficial)
    return ownership


def _controlled(holder: str, shares: dict[str, dict[str, int]], parameters: Control) -> set[str]:
    """Companies of which the holder and the companies that it controls hold enough together.

    Half is enough: whoever holds the other half cannot decide against it.
    """
    held: Counter[str] = Counter()
    controlled: set[str] = set()
    waiting = [holder]
    while waiting and len(controlled) <= parameters.max_holdings:
        owner = waiting.pop()
        if len(shares.get(owner, ())) > parameters.max_holdings:
            continue
        for company, part in sorted(shares.get(owner, {}).items()):
            held[company] += part
            if (
                held[company] >= parameters.controls
                and company not in controlled
                and company != holder
            ):
                controlled.add(company)
                waiting.append(company)
    return controlled


def words_of(name: str) -> list[str]:
    """Words of a company's name that may name its group."""
    words = "".join(c if c.isalpha() else " " for c in name.upper()).split()
    return [word for word in words if len(word) >= _MIN_WORD and word not in _GROUP_ENDS]
