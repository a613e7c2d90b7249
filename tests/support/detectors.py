"""Detectors that detect nothing: they only say something, so that the judge can be judged."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.crosschecks.records import Finding, Kind, Market


@dataclass(frozen=True)
class Said:
    """Findings."""

    findings: tuple[Finding, ...] = ()


def nothing(market: Market) -> Said:
    return Said()


def everything(market: Market) -> Said:
    """Every invoice is a copy, half surely."""
    return Said(
        tuple(
            Finding(Kind.DUPLICATE_INVOICE, (invoice.id,), 500_000, "It is an invoice.")
            for invoice in market.invoices
        )
    )


def strangers(market: Market) -> Said:
    """A finding about an invoice of another market."""
    return Said((Finding(Kind.OVERSOLD, ("i-elsewhere",), 500_000, "It is nowhere."),))
