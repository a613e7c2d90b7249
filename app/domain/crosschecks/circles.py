"""Goods or claims that come back to where they began.

The search is bounded: rustworkx finds the parts of the graph from which a way leads back (linear in
its size), and only within them an own search follows invoices that are near in time and alike in
amount, with a number of steps for each start and for all. Simple cycles of any length, which
libraries list, are too many: their number grows exponentially.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import rustworkx

from app.domain.crosschecks.index import Index
from app.domain.crosschecks.matching import Matches
from app.domain.crosschecks.ownership import Ownership
from app.domain.crosschecks.parameters import Circles
from app.domain.crosschecks.records import Assignment, Finding, Invoice, Kind
from app.domain.crosschecks.weighing import (
    MILLION,
    Case,
    LeftOut,
    Outcome,
    between,
    points_of,
)
from app.domain.money import decimal_text

Ring = tuple[Invoice, ...]
_PLUS = "+"
_MIN_DIFFERENT = 3  # legs of a ring whose goods differ


@dataclass(frozen=True, slots=True)
class _Limits:
    """How alike the legs must be: days, and the gap of amounts."""

    days: int
    gap: int
    min_legs: int


@dataclass(slots=True)
class _Budget:
    """Steps that remain, and starts that were not searched to the end."""

    steps: int
    cut: int = 0
    untouched: int = 0


@dataclass(slots=True)
class _Graph:
    """Invoices as edges between groups of companies, in order of time."""

    edges: list[Invoice]
    ends: dict[str, tuple[str, str]]
    leaving: dict[str, list[Invoice]] = field(default_factory=dict)
    days: dict[str, list[int]] = field(default_factory=dict)


def check(index: Index, matches: Matches, ownership: Ownership, parameters: Circles) -> Outcome:
    """Rings of invoices, and claims that come back to an assignor.

    Honest trade has cycles too: steel becomes parts, parts machines, and the machines go to the
    steel mill. In a ring for credit the same goods go round, at amounts that grow by a small
    margin, in a short time. Companies of one owner count as one party, so that a ring may close
    through ownership. Rings of differing goods are reported only if amounts and days are very close
    and more speaks for them.

    It cannot see rings with a leg that is not in the records, rings slower or longer than the
    parameters, or rings whose amounts were broken up on the way.
    """
    budget = _Budget(parameters.max_steps)
    rings: dict[tuple[str, ...], Ring] = {}
    by_goods = defaultdict(list)
    for invoice in index.invoices.values():
        for goods in sorted({line.goods for line in invoice.lines}) or ("",):
            by_goods[goods].append(invoice)
    nodes = {party: ownership.group_of(party) for party in index.parties}
    alike = _Limits(parameters.days, parameters.amount_gap, 2)
    parts: dict[str, Ring] = {}
    for goods in sorted(by_goods):
        joined = _joined(by_goods[goods], parameters)
        parts.update({leg.id: group for leg, group in joined})
        legs = sorted(
            [*by_goods[goods], *(leg for leg, _ in joined)], key=lambda i: (i.issue_day, i.id)
        )
        for ring in _search(legs, nodes, alike, parameters, budget):
            rings.setdefault(_key(ring), ring)
    differ = _Limits(parameters.close_days, parameters.close_gap, _MIN_DIFFERENT)
    every = list(index.invoices.values())
    second = _Budget(parameters.max_steps)
    for ring in _search(every, nodes, differ, parameters, second):
        rings.setdefault(_key(ring), ring)
    outcome = Outcome(
        _findings(index, matches, parameters, nodes=nodes, rings=rings.values(), parts=parts)
    )
    outcome.findings += _claims(index, parameters)
    for search, name in ((budget, "like goods"), (second, "any goods")):
        if search.cut or search.untouched:
            outcome.left_out.append(
                LeftOut(
                    "circles",
                    search.cut + search.untouched,
                    f"starts of rings of {name}: the graph is too large; {search.cut} were "
                    f"searched in part, {search.untouched} not at all (smaller amounts last)",
                )
            )
    return outcome


def _joined(invoices: list[Invoice], parameters: Circles) -> list[tuple[Invoice, Ring]]:
    """Invoices of one pair and few days as one leg, with its parts.

    Who sends goods round may bill one leg in parts, so that no amounts are alike.
    """
    by_pair = defaultdict(list)
    for invoice in invoices:
        by_pair[invoice.seller, invoice.buyer, invoice.currency].append(invoice)
    joined = []
    for pair in sorted(by_pair):
        group = by_pair[pair]
        for at, first in enumerate(group):
            for end in range(at + 2, min(len(group), at + parameters.max_parts) + 1):
                parts = tuple(group[at:end])
                if parts[-1].issue_day - first.issue_day > parameters.part_days:
                    break
                joined.append((_sum(parts), parts))
    return joined


def _sum(parts: Ring) -> Invoice:
    """One invoice for all parts; it exists only within this check."""
    return replace(
        parts[0],
        id=_PLUS.join(part.id for part in parts),
        amount=sum(part.amount for part in parts),
        lines=tuple(line for part in parts for line in part.lines),
    )


def _key(ring: Ring) -> tuple[str, ...]:
    return tuple(sorted(invoice.id for invoice in ring))


def _search(
    invoices: list[Invoice],
    nodes: dict[str, str],
    limits: _Limits,
    parameters: Circles,
    budget: _Budget,
) -> Iterator[Ring]:
    """One ring for each start that has any; a start is its ring's earliest invoice."""
    graph = _graph(invoices, nodes)
    starts = sorted(graph.edges, key=lambda i: (-i.amount, i.issue_day, i.id))
    for at, start in enumerate(starts):
        if budget.steps <= 0:
            budget.untouched += len(starts) - at
            return
        ring = _ring(graph, start, limits, parameters, budget)
        if ring is not None:
            yield ring


def _graph(invoices: list[Invoice], nodes: dict[str, str]) -> _Graph:
    """Only the invoices from whose buyer a way leads back to their seller."""
    names = sorted({nodes[p] for i in invoices for p in (i.seller, i.buyer)})
    numbers = {name: number for number, name in enumerate(names)}
    ends = {i.id: (nodes[i.seller], nodes[i.buyer]) for i in invoices}
    graph: rustworkx.PyDiGraph[None, None] = rustworkx.PyDiGraph()
    graph.add_nodes_from([None] * len(names))
    links = {(numbers[a], numbers[b]) for a, b in ends.values() if a != b}
    graph.add_edges_from_no_data(sorted(links))
    part_of = {
        node: part
        for part, members in enumerate(rustworkx.strongly_connected_components(graph))
        for node in members
    }
    edges = [
        invoice
        for invoice in invoices
        for a, b in (ends[invoice.id],)
        if a != b and part_of[numbers[a]] == part_of[numbers[b]]
    ]
    result = _Graph(edges, ends)
    leaving = defaultdict(list)
    for invoice in edges:
        leaving[ends[invoice.id][0]].append(invoice)
    result.leaving = dict(leaving)
    result.days = {node: [i.issue_day for i in group] for node, group in leaving.items()}
    return result


def _ring(
    graph: _Graph, start: Invoice, limits: _Limits, parameters: Circles, budget: _Budget
) -> Ring | None:
    """The ring from this start whose amounts are nearest; None if there is none."""
    home, first = graph.ends[start.id]
    best: tuple[int, int, tuple[str, ...], Ring] | None = None
    steps = min(parameters.start_steps, budget.steps)
    waiting: list[tuple[Ring, str, int, int]] = [((start,), first, start.amount, start.amount)]
    while waiting and steps >= 0:
        path, node, low, high = waiting.pop()
        steps -= 1
        visited = {graph.ends[invoice.id][0] for invoice in path}
        for at in between(graph.days.get(node, []), start.issue_day, start.issue_day + limits.days):
            steps -= 1
            if steps < 0:
                break
            invoice = graph.leaving[node][at]
            lower, higher = min(low, invoice.amount), max(high, invoice.amount)
            if (
                invoice.currency != start.currency
                or (invoice.issue_day, invoice.id) <= (start.issue_day, start.id)
                or higher * MILLION > lower * (MILLION + limits.gap)
            ):
                continue
            there = graph.ends[invoice.id][1]
            ring = (*path, invoice)
            if there == home:
                if len(ring) >= limits.min_legs:
                    rank = (higher - lower, _span(ring), _key(ring), ring)
                    best = rank if best is None or rank[:3] < best[:3] else best
            elif there not in visited and len(ring) < parameters.max_legs:
                waiting.append((ring, there, lower, higher))
    used = min(parameters.start_steps, budget.steps) - max(0, steps)
    budget.steps -= max(1, used)
    budget.cut += steps < 0
    return best[3] if best is not None else None


def _span(ring: Iterable[Invoice]) -> int:
    days = [invoice.issue_day for invoice in ring]
    return max(days) - min(days)


def _findings(
    index: Index,
    matches: Matches,
    parameters: Circles,
    *,
    nodes: dict[str, str],
    rings: Iterable[Ring],
    parts: dict[str, Ring],
) -> list[Finding]:
    """One finding for the laps of the same parties; only laps that weigh enough alone count."""
    laps: dict[tuple[str, ...], list[tuple[Case, Ring]]] = defaultdict(list)
    for ring in rings:
        case = _weigh(index, matches, parameters, nodes=nodes, ring=ring, parts=parts)
        if case.decibans >= 0:
            together = {party for i in ring for party in (i.seller, i.buyer)}
            laps[tuple(sorted(together))].append((case, ring))
    findings = []
    for parties in sorted(laps):
        group = sorted(laps[parties], key=lambda lap: (-lap[0].decibans, _key(lap[1])))
        case, ring = group[0]
        apart = [lap for _, lap in group[1:] if not set(_key(lap)) & set(_key(ring))]
        if apart:
            case.add(parameters.laps, f"it was run through {len(apart) + 1} times")
        invoices = {
            part.id: part for _, lap in group for leg in lap for part in parts.get(leg.id, (leg,))
        }
        legs = " to ".join([invoice.seller for invoice in ring] + [ring[-1].buyer])
        amounts = sorted(invoice.amount for invoice in ring)
        low, high = (decimal_text(a, currency=ring[0].currency) for a in (amounts[0], amounts[-1]))
        findings.append(
            case.finding(
                Kind.CIRCULAR_TRADE,
                invoices,
                f"invoices of {low} to {high} {ring[0].currency} went round within "
                f"{_span(ring) + 1} days: {legs}",
                {*invoices, *parties},
            )
        )
    return findings


def _weigh(
    index: Index,
    matches: Matches,
    parameters: Circles,
    *,
    nodes: dict[str, str],
    ring: Ring,
    parts: dict[str, Ring],
) -> Case:
    case = Case(parameters.base)
    if any(leg.id in parts for leg in ring):
        case.add(parameters.in_parts)
    parties = {party for invoice in ring for party in (invoice.seller, invoice.buyer)}
    case.add(parameters.pairs_only if len(ring) == 2 else parameters.more)  # noqa: PLR2004
    if len({nodes[party] for party in parties}) < len(parties):
        case.add(parameters.through_group)
        case.clauses.append("companies of one owner close it")
    _weigh_goods(parameters, case, ring)
    amounts = [invoice.amount for invoice in ring]
    gap = (max(amounts) - min(amounts)) * MILLION // max(1, min(amounts))
    case.add(points_of(gap, parameters.spread))
    case.add(points_of(_span(ring), parameters.time))
    every = [part for leg in ring for part in parts.get(leg.id, (leg,))]
    matured = [i for i in every if matches.is_matured(i, today=index.today)]
    if index.market.movements and matured:
        if all(matches.is_unmoved(invoice) for invoice in matured):
            case.add(parameters.not_moved, "no movement shows the goods")
        elif all(matches.is_moved(invoice) for invoice in every):
            case.add(parameters.moved)
    return case


def _weigh_goods(parameters: Circles, case: Case, ring: Ring) -> None:
    if not all(invoice.lines for invoice in ring):
        return
    common = set.intersection(*({line.goods for line in invoice.lines} for invoice in ring))
    quantities = [
        sum(line.quantity for line in invoice.lines if not common or line.goods in common)
        for invoice in ring
    ]
    gap = (max(quantities) - min(quantities)) * MILLION // max(1, min(quantities))
    alike = points_of(gap, parameters.quantities)
    if common:
        case.add(parameters.goods_alike, f"each is for {', '.join(sorted(common)[:3])}")
    else:
        case.add(parameters.goods_differ)
        alike = max(0, alike)
    case.add(alike, "in like quantities")


def _claims(index: Index, parameters: Circles) -> list[Finding]:
    findings = []
    for invoice_id, assignments in index.assignments_of.items():
        invoice = index.invoices.get(invoice_id)
        way = _way_back(assignments) if invoice is not None else []
        if invoice is None or len(way) < parameters.claim_legs:
            continue
        case = Case(parameters.claim_base)
        case.add(points_of(way[-1].day - way[0].day, parameters.time))
        legs = " to ".join([assignment.assignor for assignment in way] + [way[-1].assignee])
        findings.append(
            case.finding(
                Kind.CIRCULAR_TRADE,
                (invoice_id,),
                f"the claim of invoice {invoice.number} came back to an assignor: {legs}",
                {invoice_id, *(assignment.id for assignment in way)},
            )
        )
    return findings


def _way_back(assignments: list[Assignment]) -> list[Assignment]:
    """The first chain of assignments, in order of time, that ends where it began."""
    chains: dict[str, list[Assignment]] = {}
    for assignment in assignments:
        chain = [*chains.get(assignment.assignor, []), assignment]
        for at, earlier in enumerate(chain):
            if earlier.assignor == assignment.assignee:
                return chain[at:]
        chains[assignment.assignee] = chain
    return []
