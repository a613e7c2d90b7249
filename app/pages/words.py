"""Words of the API (states, roles, kinds of operations) as people read them."""

from __future__ import annotations

import re

from app.gateway.languages import ENGLISH
from app.pages.languages import current, mark, t
from app.pages.names import in_words, is_name, path_in_words

ROLES = {
    "supplier": mark("Supplier"),
    "buyer": mark("Buyer"),
    "financier": mark("Financier"),
    "rater": mark("Rater"),
    "appraiser": mark("Appraiser"),
    "warehouse": mark("Warehouse"),
    "platform": mark("Platform"),
    "auditor": mark("Auditor"),
    "operator": mark("Operator"),
    "regulator": mark("Regulator"),
    "registrar": mark("Registrar"),
    "cash-issuer": mark("Cash issuer"),
}
# Texts of many areas: their translations are in `frame.po`, once.
COMMON = (
    *(mark("Amount"), mark("Currency"), mark("Date"), mark("Due"), mark("State"), mark("Total")),
    *(mark("Party"), mark("Account"), mark("Holder"), mark("Lienholder"), mark("Documents")),
    *(mark("Receivable"), mark("Claim"), mark("Loan"), mark("Facility"), mark("Order")),
    *(mark("Block"), mark("Transaction"), mark("Copy the transaction hash"), mark("Operation")),
    *(mark("Show"), mark("Cancel"), mark("Back"), mark("Download"), mark("any"), mark("Search")),
    *(mark("Interest"), mark("Principal"), mark("Rate"), mark("Price"), mark("Outstanding")),
    *(mark("Lender"), mark("Borrower"), mark("Seller"), mark("Debtor"), mark("Sent")),
)
# The tone colours a badge; the badge's words say the same.
STATES = {
    "prepared": (mark("waits for your signature"), "wait"),
    "accepted": (mark("accepted"), "run"),
    "submitted": (mark("sent to the ledger"), "run"),
    "included": (mark("in a block"), "run"),
    "final": (mark("final"), "good"),
    "rejected": (mark("rejected"), "bad"),
}


POSITIONS = {
    "lender": mark("Lender"),
    "borrower": mark("Borrower"),
    "entruster": mark("Entruster"),
    "seller": mark("Seller"),
    "buyer": mark("Buyer"),
    "participant": mark("Participant"),
    "undertaker": mark("Undertaker"),
    "sharer": mark("Sharer"),
    "insurer": mark("Insurer"),
    "insured": mark("Insured"),
    "counterparty": mark("Counterparty"),
    "operator": mark("Operator"),
}
STYLES = {
    "bullet": mark("all at once, at the end"),
    "equal-principal": mark("instalments with equal principal"),
    "equal-instalment": mark("equal instalments"),
    "billing-cycle": mark("on a bill"),
    "interest-only": mark("interest only, principal at the end"),
}
LIMITS = {
    "facility": mark("the facility"),
    "trade": mark("the trade"),
    "tier": mark("the borrower's credit tier"),
    "rule-set": mark("the rule set"),
    "group": mark("the borrower's group"),
}
RISK_CLASSES = {
    "normal": mark("normal"),
    "special-mention": mark("special mention"),
    "substandard": mark("substandard"),
    "doubtful": mark("doubtful"),
    "loss": mark("loss"),
}
STEPS = {
    "scope": mark("1. scope"),
    "identify": mark("2. evidence"),
    "analyse": mark("3. analysis"),
    "quantify": mark("4. points"),
    "decide": mark("5. decision"),
    "confirm": mark("6. second person"),
}
#: What the ledger counted for a figure of a credit case, as the evidence says it in English.
LEDGER_SOURCE = re.compile(r"ledger, block ([0-9]+): (.+)")
COUNTED = (
    (r"(\d+) payments? made or overdue in a year", mark("{first} payments or overdue in a year")),
    (
        r"(\d+) debts? and (\d+) loans?, three years",
        mark("{first} debts, {second} loans, three years"),
    ),
    (r"(\d+) invoices? confirmed in a year", mark("{first} invoices confirmed in a year")),
    (
        r"(\d+) invoices? confirmed in a year, by amount",
        mark("{first} invoices confirmed in a year, by amount"),
    ),
    (r"(\d+) open facilit(?:y|ies)", mark("{first} open facilities")),
)
# Statuses of things of the ledger, by kind; each area adds its own: words and tone.
STATUSES: dict[str, dict[str, tuple[str, str]]] = {}


def role(name: str) -> str:
    """The name of a role."""
    return t(ROLES[name]) if name in ROLES else name


def state(name: str) -> str:
    """The state of an operation."""
    return t(STATES[name][0]) if name in STATES else plain(name)


def tone(name: str) -> str:
    """The tone of an operation's state: wait, run, good, bad or plain."""
    return STATES[name][1] if name in STATES else "plain"


def position(name: str) -> str:
    """A position in an agreement."""
    return t(POSITIONS[name]) if name in POSITIONS else plain(name)


def style(name: str) -> str:
    """How a loan is repaid."""
    return t(STYLES[name]) if name in STYLES else plain(name)


def limit(name: str) -> str:
    """What a limit of draws is of."""
    return t(LIMITS[name]) if name in LIMITS else plain(name)


def risk_class(name: str) -> str:
    """The class of a loan by risk."""
    return t(RISK_CLASSES[name]) if name in RISK_CLASSES else plain(name)


def step(name: str | None) -> str:
    """A step of a credit case."""
    if name is None:
        return t("confirmed")
    return t(STEPS[name]) if name in STEPS else plain(name)


def plain(name: str) -> str:
    """A name of the API in words: `draw-loan` as `draw loan`."""
    return in_words(name)


def status(kind: str, name: str) -> str:
    """The status of a thing, such as a receivable's."""
    known = STATUSES.get(kind, {}).get(name)
    return plain(name) if known is None else t(known[0])


def status_tone(kind: str, name: str) -> str:
    """The tone of a thing's status."""
    known = STATUSES.get(kind, {}).get(name)
    return "plain" if known is None else known[1]


def heading(name: str) -> str:
    """The same at the head of a page, with a capital letter where the language has them."""
    words = in_words(name)
    return words[:1].upper() + words[1:]


def path(name: str) -> str:
    """The path of a field in words: `lines.0.amount` as `lines 1 · amount`."""
    return path_in_words(name)


def figure(name: str) -> str:
    """The name of a figure in words: `claims.7.value` as `claims 7 · value`."""
    return path_in_words(name, first=0)


def value(text: str) -> str | None:
    """The words of a value that is a name of the API; None: it is something else."""
    return in_words(text) if is_name(text) else None


def source(text: str) -> str | None:
    """Where the ledger has a figure of a credit case from; None: the text is somebody's own.

    The evidence is signed as it is, in English.
    """
    known = LEDGER_SOURCE.fullmatch(text)
    if known is None or current.get() == ENGLISH:
        return None
    for form, words in COUNTED:
        counted = re.fullmatch(form, known[2])
        if counted is not None:
            names = ("first", "second")[: len(counted.groups())]
            basis = t(words, **dict(zip(names, counted.groups(), strict=True)))
            return t("ledger, block {number}: {basis}", number=known[1], basis=basis)
    return None
