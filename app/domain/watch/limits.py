"""Signals of how much hangs on one thing: use of limits, concentration, the share at warning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from app.domain.portfolio.shares import MILLION
from app.domain.texts import Text, say
from app.domain.watch.facts import FacilityUse
from app.domain.watch.model import Signal, SignalKind, Unknown, Value, evidence_of
from app.domain.watch.parameters import THRESHOLDS


def use_signal(use: FacilityUse) -> Signal | Unknown | None:
    """How much of a revolving facility is used; None: too little to tell of, or not revolving."""
    about = f"facility:{use.facility}"
    if not use.revolving:
        return None
    if use.limit is None:
        reason = say(
            "The limit of facility {facility} is in another currency.", facility=use.facility
        )
        return Unknown("limit-use", about, reason)
    if use.limit <= 0:
        return None
    share = use.used * MILLION // use.limit
    words = say(
        "Of the limit of facility {facility}, {share:percent} is used.",
        facility=use.facility,
        share=share,
    )
    return _share_signal("limit-use", about, share, words)


def concentration_signals(
    amounts: Mapping[str, int], *, principal: int, whose: str, currency: str
) -> list[Signal]:
    """The names with too large a share of a lender's principal, the largest first.

    Args:
        amounts: principal by name, such as `party:7` or `group:2`.
        principal: of all loans in the currency, also of those without such a name.
        whose: borrower or debtor.
    """
    signals = []
    for name, amount in sorted(amounts.items(), key=lambda item: (-item[1], item[0])):
        about = f"{whose}:{name}:{currency}"
        share = amount * MILLION // principal
        named = {"share": share, "currency": currency}
        words = (
            say("One borrower has {share:percent} of the principal in {currency}.", **named)
            if whose == "borrower"
            else say("One debtor has {share:percent} of the principal in {currency}.", **named)
        )
        signal = _share_signal("concentration", about, share, words, name)
        if signal is None:
            break
        signals.append(signal)
    return signals


def warned_signal(about: str, *, warned: int, principal: int, loans: list[int]) -> Signal | None:
    """The share of principal at warning or above.

    Args:
        loans: numbers of the loans at warning or above.
    """
    if not principal:
        return None
    evidence = [f"loan:{number}" for number in loans]
    share = warned * MILLION // principal
    words = say("Of the principal, {share:percent} is at warning or above.", share=share)
    return _share_signal("warned-share", about, share, words, *evidence)


def _share_signal(
    kind: SignalKind, about: str, share: int, reason: Text, *evidence: str
) -> Signal | None:
    level = THRESHOLDS[kind].level(share)
    if not level:
        return None
    return Signal(
        kind,
        level,
        about,
        reason,
        (Value("share", share, "parts-per-million"),),
        evidence_of(about, evidence),
    )


def principal_by(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    """Sums of principal by name."""
    sums: Counter[str] = Counter()
    for name, amount in pairs:
        sums[name] += amount
    return sums
