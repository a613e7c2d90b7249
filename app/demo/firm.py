"""The firm of the story of credit: what it sells by month, and what documents say of it."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from fractions import Fraction

from app.demo import expected_credit as credit
from app.demo.cast import NEWCOMER
from app.domain.money import decimal_text

NAME = NEWCOMER.name
SOLD, RETURNED = 150_000_00, 4_500_00  # in a usual month
MONTHS_BEFORE = 9  # in which nobody reported its sales
DAY_OF_MONTH = 10


class Firm:
    """A firm that sells to one buyer.

    Attributes:
        party: its id in the gateway.
        start: the day on which the story begins, the tenth of a month.
        sales: what was sold and returned in each month, the oldest first.
    """

    def __init__(self, party: str, start: datetime.date) -> None:
        self.party = party
        self.start = start
        self.sales = [(SOLD, RETURNED)] * MONTHS_BEFORE

    def trades(self, share: Fraction) -> tuple[int, int]:
        """One more month is over: a share of what is usual is sold and returned."""
        self.sales.append((int(SOLD * share), int(RETURNED * share)))
        return self.sales[-1]

    def limit(self, points: Mapping[str, int]) -> int:
        """The expected limit.

        Args:
            points: of the features that are known.
        """
        year = sum(sold for sold, _ in self.sales[-12:])
        tier = credit.judged(points).tier
        return credit.limit(sales=year, tier=tier, months=len(self.sales), largest=Fraction(1))

    def fall(self) -> int:
        """By how much the sales of three months are below those of the three before."""
        net = [sold - returned for sold, returned in self.sales]
        return credit.fall(net[-6:-3], net[-3:])

    @property
    def trading_since(self) -> str:
        """The first day of its first month of trade."""
        return months_later(self.start, -MONTHS_BEFORE).replace(day=1).isoformat()

    def sales_table(self) -> str:
        """The platform's table of all months, as CSV."""
        rows = ["month,sales,returns"]
        for place, amounts in enumerate(self.sales):
            month = months_later(self.start, place - MONTHS_BEFORE).isoformat()[:7]
            sold, returned = (decimal_text(amount, currency="CNY") for amount in amounts)
            rows.append(f"{month},{sold},{returned}")
        return "\n".join(rows)

    def register_items(self, today: datetime.date, *, months: int) -> list[dict[str, object]]:
        """Evidence from an extract of the business register."""
        source = "extract of the business register"
        return [
            self._item(today, "registration-months", months, source),
            self._item(today, "ownership", "stated", source),
        ]

    def tax_item(self, today: datetime.date) -> dict[str, object]:
        """Evidence from a certificate of the tax authority: the firm is new."""
        return self._item(today, "tax-standing", "M", "certificate of the tax authority")

    def _item(
        self, today: datetime.date, feature: str, value: object, source: str
    ) -> dict[str, object]:
        document = f"{source} of {NEWCOMER.legal_id}, {today}: {feature} {value}"
        return {
            "feature": feature,
            "value": value,
            "partyId": self.party,
            "source": source,
            "asOf": today.isoformat(),
            "hash": "0x" + hashlib.sha256(document.encode()).hexdigest(),
        }


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The tenth of the month so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, DAY_OF_MONTH)
