"""Buyer and seller under one control."""

from __future__ import annotations

from app.domain.crosschecks.index import Index, Pair
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.ownership import Ownership, words_of
from app.domain.crosschecks.parameters import Control
from app.domain.crosschecks.records import Finding, Invoice, Kind
from app.domain.crosschecks.weighing import Case, LeftOut, Outcome, share

_MAX_COUNTED = 2
_NEARLY_ALL = 900_000


def check(index: Index, matches: Matches, ownership: Ownership, parameters: Control) -> Outcome:
    """Pairs that trade while one person stands behind both.

    A group that trades openly is ordinary: one company of the register owns the other, or a third
    owns both, or both bear the group's name. Its link is evidence, and reported only if an officer
    changes `open_group`. Directors and contacts that many parties share are agents and office
    services.

    It cannot see a front man, family, control by contract or by debt, and holders that the register
    does not show. The ids of persons must be the same in all entries.
    """
    outcome = Outcome()
    for pair, invoices in index.by_pair.items():
        case = Case(parameters.base)
        evidence = set(pair)
        _weigh_holders(ownership, parameters, case, pair, evidence)
        if not case.clauses and not _share_persons(index, pair):
            continue
        is_open = _is_open(index, ownership, parameters, pair)
        if not is_open:
            _weigh_persons(index, ownership, parameters, case=case, pair=pair, evidence=evidence)
        if not case.clauses:
            continue
        if is_open and pair[0] != pair[1]:
            case.add(parameters.open_group)
        _weigh_trade(index, matches, parameters, case=case, pair=pair, invoices=invoices)
        outcome.findings.append(_finding(case, pair, invoices, evidence))
    if ownership.skipped:
        outcome.left_out.append(
            LeftOut("control", ownership.skipped, "holders of very many companies, such as funds")
        )
    return outcome


def _share_persons(index: Index, pair: Pair) -> bool:
    first, second = (index.parties[party] for party in pair)
    return bool(
        set(first.directors) & set(second.directors) or set(first.contacts) & set(second.contacts)
    )


def _weigh_persons(
    index: Index,
    ownership: Ownership,
    parameters: Control,
    *,
    case: Case,
    pair: Pair,
    evidence: set[str],
) -> None:
    """Adds directors and contacts of both; in an open group they are ordinary."""
    first, second = (index.parties[party] for party in pair)
    for noun, points, mine, others, counts in (
        ("director", parameters.director, first.directors, second.directors, ownership.directors),
        ("contact", parameters.contact, first.contacts, second.contacts, ownership.contacts),
    ):
        common = sorted(
            link for link in set(mine) & set(others) if counts[link] <= parameters.common
        )
        for link in common[:_MAX_COUNTED]:
            evidence.add(link)
            case.add(points, f"{noun} {link} is of both")


def _weigh_holders(
    ownership: Ownership, parameters: Control, case: Case, pair: Pair, evidence: set[str]
) -> None:
    seller, buyer = pair
    if seller == buyer:
        case.add(parameters.person_controls, "they are one party")
        return
    controls = [ownership.controllers.get(party, set()) for party in pair]
    if buyer in controls[0] or seller in controls[1]:
        case.add(parameters.person_controls, "one of them controls the other")
        return
    if common := controls[0] & controls[1]:
        holder = min(common)
        evidence.update(common)
        through = [
            company
            for company in sorted(ownership.controlled[holder])
            if company not in pair and any(company in controlling for controlling in controls)
        ]
        evidence.update(through)
        way = f" through {', '.join(through)}" if through else ""
        case.add(parameters.person_controls, f"{holder} controls both{way}")
        return
    beneficial = [ownership.beneficial.get(party, set()) for party in pair]
    if shared := beneficial[0] & beneficial[1]:
        evidence.update(shared)
        case.add(parameters.person_significant, f"{min(shared)} has a significant share in both")


def _is_open(index: Index, ownership: Ownership, parameters: Control, pair: Pair) -> bool:
    """Whether the register or the names show the group at first sight."""
    seller, buyer = pair
    if seller == buyer:
        return True
    direct = [
        {
            holding.holder
            for holding in index.parties[party].owners
            if _controls(holding.share, parameters)
        }
        for party in pair
    ]
    if buyer in direct[0] or seller in direct[1]:
        return True
    if any(holder in index.parties for holder in direct[0] & direct[1]):
        return True
    # A group's companies begin with its name; `Steel` at the end names a trade.
    first, second = (words_of(index.parties[party].name)[:1] for party in pair)
    controllers = [ownership.controllers.get(party, set()) for party in pair]
    related = not controllers[0].isdisjoint(controllers[1])
    limit = parameters.name_count if related else parameters.own_name_count
    return first == second != [] and ownership.words[first[0]] <= limit


def _controls(part: int, parameters: Control) -> bool:
    return part >= parameters.controls


def _weigh_trade(
    index: Index,
    matches: Matches,
    parameters: Control,
    *,
    case: Case,
    pair: Pair,
    invoices: list[Invoice],
) -> None:
    matured = [
        invoice
        for invoice in invoices
        if invoice.id in matches.deliveries and matches.is_matured(invoice, today=index.today)
    ]
    moved = sum(1 for invoice in matured if matches.is_moved(invoice))
    if matured and index.market.movements:
        if all(matches.is_unmoved(invoice) for invoice in matured):
            case.add(parameters.not_moved, "no movement shows their goods")
        elif share(moved, len(matured)) >= _NEARLY_ALL:
            case.add(parameters.moved)
    first = invoices[0].issue_day
    registered = [index.parties[party].registered_day for party in pair]
    if any(day is not None and day > first - parameters.young_days for day in registered):
        case.add(parameters.young, "one was registered shortly before they traded")


def _finding(case: Case, pair: Pair, invoices: list[Invoice], evidence: set[str]) -> Finding:
    return case.finding(
        Kind.COMMON_CONTROL,
        (invoice.id for invoice in invoices),
        f"seller {pair[0]} and buyer {pair[1]} of {len(invoices)} invoices are under one control",
        evidence,
    )
