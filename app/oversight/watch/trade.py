"""Reads the trade that platforms reported of borrowers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from app.domain.trade import month_at
from app.domain.watch.facts import MonthSales, TradeSeries
from app.domain.watch.parameters import REPORT_LAG_MONTHS, WINDOW_MONTHS, YEAR_MONTHS
from app.oversight.watch.lists import parts
from app.storage import run

_MONTHS = YEAR_MONTHS + WINDOW_MONTHS + REPORT_LAG_MONTHS


def series(
    connection: Connection,
    lender: str | None,
    codes: Mapping[str, str],
    number_of: Callable[[str], int],
    today: int,
) -> dict[int, tuple[TradeSeries, ...]]:
    """The trade of each borrower, by platform and currency.

    Only reports that count for a facility of the lender: by the attester that it named for it, or
    else by the lender itself. Others' reports are none of its business.

    Args:
        lender: account; None: of all lenders.
        codes: code of each currency, by the address of its token.
        number_of: the party of an account.
    """
    where, values = ("AND l.lender = ? ", (lender,)) if lender is not None else ("", ())
    counting = {
        (
            int(row.party_id) if row.party_id is not None else number_of(row.lender),
            number_of(row.borrower),
            row.currency,
        )
        for row in run(
            connection,
            "SELECT DISTINCT l.lender, l.borrower, l.currency, a.party_id FROM loans l "
            "LEFT JOIN facility_attesters a ON a.facility_id = l.facility_id "
            f"WHERE l.status <> 'Repaid' {where}",
            values,
        )
    }
    months: defaultdict[tuple[int, int, str], dict[int, MonthSales]] = defaultdict(dict)
    first = month_at(today) - _MONTHS
    for marks, some in parts({merchant for _, merchant, _ in counting}):
        for row in run(
            connection,
            "SELECT platform_party, merchant_party, currency, month, amount, returned, "
            f"transaction_hash FROM trade_reports WHERE merchant_party IN ({marks}) "
            "AND month >= ? ORDER BY revision",
            (*some, first),
        ):
            key = (int(row.platform_party), int(row.merchant_party), row.currency)
            if key in counting:
                sales = MonthSales(int(row.amount), int(row.returned), row.transaction_hash)
                months[key][row.month] = sales  # a later revision replaces an earlier one
    of_merchant: defaultdict[int, list[TradeSeries]] = defaultdict(list)
    for (platform, merchant, currency), reported in sorted(months.items()):
        code = codes.get(currency, currency)
        of_merchant[merchant].append(TradeSeries(platform=platform, currency=code, months=reported))
    return {merchant: tuple(items) for merchant, items in of_merchant.items()}
