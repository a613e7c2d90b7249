"""One lot of goods behind two warehouse receipts."""

from __future__ import annotations

from collections import Counter, defaultdict

from app.domain.crosschecks.index import Index, similar_number
from app.domain.crosschecks.parameters import Receipts
from app.domain.crosschecks.records import Finding, Kind, Receipt
from app.domain.crosschecks.weighing import MILLION, Case, LeftOut, Outcome, quantity_text

_MIN_HABIT = 3


def check(index: Index, parameters: Receipts) -> Outcome:
    """Pairs of warehouse receipts that seem to be for the same goods.

    Two receipts for two parts of a lot are ordinary, and so are equal loads that a depositor stores
    each week, each with a mark and a place of its own. The check compares marks, quantities and
    places.

    It cannot see goods that do not exist and have one receipt, a second receipt with another mark
    and another place, or receipts of a warehouse that does not report.
    """
    outcome = Outcome()
    receipts = sorted(index.market.receipts, key=lambda receipt: (receipt.day, receipt.id))
    marks = Counter(_mark(receipt) for receipt in receipts if _mark(receipt))
    # Quantities of each depositor, and of all.
    habits = Counter(
        (depositor, r.goods, r.quantity) for r in receipts for depositor in (r.depositor, "")
    )
    by_mark, by_goods = defaultdict(list), defaultdict(list)
    for receipt in receipts:
        if mark := _mark(receipt):
            by_mark[receipt.goods, mark].append(receipt)
        if receipt.place is not None:
            by_goods[receipt.goods, _plain(receipt.place)].append(receipt)
    compared: set[tuple[str, str]] = set()
    skipped = 0
    groups = [*(by_mark[key] for key in sorted(by_mark)), *(by_goods[k] for k in sorted(by_goods))]
    for group in groups:
        for at, first in enumerate(group):
            rest = group[at + 1 :]
            skipped += max(0, len(rest) - parameters.max_group)
            for second in rest[: parameters.max_group]:
                if (first.id, second.id) in compared:
                    continue
                compared.add((first.id, second.id))
                finding = _finding(parameters, first, second, marks, habits)
                outcome.findings += [finding] if finding else []
    if skipped:
        outcome.left_out.append(LeftOut("receipts", skipped, "comparisons in large groups"))
    return outcome


def _mark(receipt: Receipt) -> str:
    return similar_number(receipt.lot) if receipt.lot else ""


def _plain(place: str) -> str:
    return " ".join(place.upper().split())


def _finding(
    parameters: Receipts,
    first: Receipt,
    second: Receipt,
    marks: Counter[str],
    habits: Counter[tuple[str, str, int]],
) -> Finding | None:
    case = Case(parameters.base)
    usual = habits["", first.goods, first.quantity]
    mark = _mark(first)
    if mark and _mark(second):
        if mark != _mark(second):
            return None
        if first.warehouse == second.warehouse:
            case.add(parameters.same_mark)
        else:
            case.add(parameters.other_warehouse)
            if usual >= _MIN_HABIT:
                case.add(parameters.common_quantity)
        if marks[mark] > parameters.bulk_count:
            case.add(parameters.bulk)
    elif second.day - first.day > parameters.days:
        return None
    else:
        case.add(parameters.no_mark)
        if habits[first.depositor, first.goods, first.quantity] >= _MIN_HABIT:
            case.add(parameters.habit)
    high, low = max(first.quantity, second.quantity), min(first.quantity, second.quantity)
    same = (high - low) * MILLION <= high * parameters.quantity_gap
    case.add(parameters.same_quantity if same else parameters.other_quantity)
    if first.place is not None and second.place is not None:
        alike = _plain(first.place) == _plain(second.place)
        text = f"they lie at {first.place}"
        case.add(parameters.same_place if alike else parameters.other_place, text)
    if first.depositor != second.depositor:
        text = f"{first.depositor} and {second.depositor} deposited them"
        case.add(parameters.other_depositor, text)
    quantities = f"{quantity_text(first.quantity)} and {quantity_text(second.quantity)}"
    marked = f" of lot {first.lot or second.lot}" if first.lot or second.lot else ""
    return case.finding(
        Kind.GOODS_COUNTED_TWICE,
        (first.id, second.id),
        f"warehouse receipts {first.id} of {first.warehouse} and {second.id} of "
        f"{second.warehouse} are for {quantities} units of {first.goods}{marked}",
        {first.id, second.id},
    )
