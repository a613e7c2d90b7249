"""The logins of the demo: who each is, and what to look at."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.demo.cast import CAST
from app.demo.client import Caller
from app.gateway.demo_logins import DemoLogin

#: Who has a login, in plain words, and what waits there. The order is that of the table.
WORDS = {
    "supplier": "sells castings to the buyer and borrows. A request to quote with offers to "
    "compare and one that waits, a facility to draw on, a loan that is due soon and one that is "
    "overdue, a margin call.",
    "buyer": "owes the suppliers. Invoices and an order to confirm, one that it disputes, what "
    "falls due.",
    "bank": "buys claims and lends. A request to quote to answer and one that it answered, the "
    "book of loans, a margin call, alerts of the watch, a campaign to review.",
    "second-bank": "bids against the bank. A request to quote to answer, its offers, and money "
    "that waits to be withdrawn.",
    "platform": "lends its own funds, and reports trade.",
    "castor": "supplies the supplier and holds parts of its claims. A loan from the second bank.",
    "pollux": "supplies the supplier. Invoices by the month, early, late and open.",
    "vega": "supplies the supplier. Invoices by the month, early, late and open.",
    "altair": "supplies Castor. Invoices by the month, early, late and open.",
    "warehouse": "stores the supplier's goods. Goods to hand over, and lots.",
    "first-appraiser": "prices goods. A price of its own that waits for the other appraiser.",
    "second-appraiser": "prices goods. A price to confirm.",
    "rater": "judges parties. An evaluation under way.",
    "auditor": "reads everything, changes nothing. Any id, invoice or party, its history, the "
    "state in any block.",
    "operator": "runs the gateway. An operation that failed, with its reason; health and keys.",
    "second-operator": "the second person for what one operator proposes.",
    "registrar": "registers parties and gives out keys.",
    "regulator": "holds and freezes parties by order. An order that waits.",
    "second-regulator": "the second person, who executes an order.",
    "cash-issuer": "issues and redeems tokenised deposits.",
}
_ROLES = {
    "auditor": "Auditor",
    "operator": "Operator",
    "second-operator": "Second operator",
    "registrar": "Registrar",
    "regulator": "Regulator",
    "second-regulator": "Second regulator",
    "cash-issuer": "Cash issuer",
}
_MEMBERS = {member.name: member for member in CAST}


def logins_of(callers: Mapping[str, Caller]) -> list[DemoLogin]:
    """A login for each caller, in the order of the table."""
    order = {name: place for place, name in enumerate(WORDS)}
    names = sorted(callers, key=lambda name: order.get(name, len(order)))
    return [_login(name, callers[name].api_key) for name in names]


def _login(name: str, api_key: str) -> DemoLogin:
    member = _MEMBERS.get(name)
    if member is None:
        roles = (name.removeprefix("second-"),)
        return DemoLogin(name, _ROLES.get(name, name), roles, api_key)
    return DemoLogin(name, member.legal_name, member.api_roles, api_key)


def show_logins(console: Console, url: str, logins: Sequence[DemoLogin]) -> None:
    """Prints where the pages are, and the table of logins."""
    table = Table(
        title=f"{url}/app", title_style="bold", header_style="bold", show_lines=True, expand=True
    )
    table.add_column("login, roles", style="cyan", no_wrap=True)
    table.add_column("who this is, and what to look at; X-API-Key", overflow="fold", ratio=1)
    for login in logins:
        words = Text(f"{login.legal_name}: {WORDS.get(login.name, '')}\n".replace(": \n", "\n"))
        words.append(login.api_key, style="dim")
        table.add_row("\n".join((login.name, *login.roles)), words)
    console.print(table)
    console.print(f"Pages: {url}/app    API: {url}/docs", soft_wrap=True)
    console.print("Up until interrupted (Ctrl-C).")


def on_interrupt() -> threading.Event:
    """From now on SIGINT and SIGTERM only set this event: call it before saying that all is up."""
    interrupted = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.set())
    return interrupted
