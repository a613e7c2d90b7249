"""What a rule set asks of a lender's book as a whole, by kind of lender: ratios as data.

The ledger knows what is lent on it, and no lender's own money: the lender states that. So no
contract holds these ratios; the gateway reports each one with its figure.
"""

from __future__ import annotations

from typing import get_args

from pydantic import Field, model_validator

from app.domain.catalogue import Strict, Whole, positive_minor, share
from app.domain.portfolio.limits import Base, Bound, LenderKind, Measure

LENDER_KINDS: tuple[LenderKind, ...] = get_args(LenderKind)
OWN_MONEY: tuple[Base, ...] = ("net-capital", "tier-one-capital", "net-assets")
_MINIMA: tuple[Measure, ...] = ("own-money", "reserve")


class Ratio(Strict):
    """One ratio or cap of a lender's book, with its source.

    Attributes:
        measure: own-money and reserve are shares of what is lent, with a minimum. The others are
            the largest name's share of `of`, with a maximum, or at most an amount of a currency.
        of: the stated figure that own money is, or that a name is compared with.
    """

    lender: LenderKind
    measure: Measure
    of: Base | None = None
    min: str | None = None
    max: str | None = None
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    source: str = Field(min_length=10)
    lawyer: bool

    @model_validator(mode="after")
    def _is_whole(self) -> Ratio:
        if self.measure in _MINIMA:
            self._minimum()
        else:
            self._maximum()
        return self

    def _minimum(self) -> None:
        if self.min is None or self.max is not None or self.currency is not None:
            raise ValueError(f"{self.measure}: give min, a share of what is lent, and no max")
        if share(self.min) == 0:
            raise ValueError(f"{self.measure}: min must be above 0%")
        if self.measure == "reserve" and self.of is not None:
            raise ValueError(
                "reserve: leave of out; what is set aside is compared with what is lent"
            )
        if self.measure == "own-money" and self.of not in OWN_MONEY:
            raise ValueError(f"own-money: of must be one of {', '.join(OWN_MONEY)}")

    def _maximum(self) -> None:
        if self.max is None or self.min is not None:
            raise ValueError(f"{self.measure}: give max, and no min")
        if (self.of is None) == (self.currency is None):
            raise ValueError(
                f"{self.measure}: give of for a share, or currency for an amount, and not both"
            )
        if self.currency is not None:
            positive_minor("max", self.max, currency=self.currency)
        elif share(self.max) == 0:
            raise ValueError(f"{self.measure}: max must be above 0%")

    @property
    def bound(self) -> Bound:
        """Its bound: shares in parts per million, an amount in minor units."""
        amount = None
        if self.max is not None and self.currency is not None:
            amount = positive_minor("max", self.max, currency=self.currency)
        is_share = self.max is not None and self.currency is None
        return Bound(
            measure=self.measure,
            of=self.of,
            min_share=None if self.min is None else share(self.min),
            max_share=share(str(self.max)) if is_share else None,
            max_amount=amount,
        )


class LenderRules(Strict):
    """The ratios of a rule set, and how old a lender's own figures may be.

    Attributes:
        statement_days: by older figures nothing is judged.
    """

    statement_days: Whole = Field(ge=1, le=3660)
    source: str = Field(min_length=10)
    lawyer: bool
    ratios: list[Ratio] = Field(min_length=1)

    @model_validator(mode="after")
    def _differ(self) -> LenderRules:
        keys = [(ratio.lender, ratio.measure, ratio.of, ratio.currency) for ratio in self.ratios]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                words = ", ".join(str(part) for part in key if part is not None)
                raise ValueError(f"ratios.{place}: {words} occurs twice")
        return self
