"""The report of a story: a table of its steps, and a table of the final balances."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from app.domain.money import decimal_text


def money(minor: int, *, currency: str = "CNY") -> str:
    """Minor units as decimals of their currency, with separated thousands."""
    whole, point, rest = decimal_text(minor, currency=currency).partition(".")
    return f"{int(whole):,}{point}{rest}"


def short(text: str | None, *, keep: int = 8) -> str:
    """The start and the end of a long id."""
    if not text or len(text) <= 2 * keep:
        return text or ""
    return f"{text[:keep]}…{text[-4:]}"


@dataclass
class Step:
    """One step of the story. Gas is that of the whole transaction."""

    who: str
    what: str
    operation: str = ""
    transaction: str = ""
    gas: int | None = None
    milliseconds: float = 0.0


@dataclass
class Check:
    """One final figure: the ledger's and the expected one, in minor units."""

    what: str
    shown: int
    expected: int

    @property
    def holds(self) -> bool:
        """Whether both agree to the cent."""
        return self.shown == self.expected


@dataclass
class Report:
    """Prints each step as it happens, and stores it."""

    console: Console
    steps: list[Step] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def chapter(self, text: str) -> None:
        """A heading between steps."""
        self.console.print(f"\n[bold]{text}[/bold]")

    def say(self, text: str) -> None:
        """A remark that is not a step."""
        self.console.print(f"  [dim]{text}[/dim]")

    def add(self, step: Step) -> None:
        """Records a step and prints it at once."""
        self.steps.append(step)
        self.console.print(
            f"  [cyan]{step.who}[/cyan]  {step.what}  [dim]{step.milliseconds:,.0f} ms[/dim]"
        )

    def check(self, what: str, *, shown: int, expected: int) -> None:
        """Records a final figure."""
        self.checks.append(Check(what, shown, expected))

    def table(self) -> Table:
        """All steps."""
        table = Table(title="What happened", title_style="bold", header_style="bold")
        table.add_column("#", justify="right")
        table.add_column("who", style="cyan", no_wrap=True)
        table.add_column("what", overflow="fold", ratio=1)
        table.add_column("operation", no_wrap=True)
        table.add_column("transaction", no_wrap=True)
        table.add_column("gas", justify="right")
        table.add_column("ms", justify="right")
        for number, step in enumerate(self.steps, start=1):
            table.add_row(
                str(number),
                step.who,
                step.what,
                step.operation[-8:],
                short(step.transaction, keep=6),
                "" if step.gas is None else f"{step.gas:,}",
                f"{step.milliseconds:,.0f}",
            )
        return table

    def balances(self, *, currency: str) -> Table:
        """All checks."""
        table = Table(title=f"Every balance, {currency}", title_style="bold", header_style="bold")
        table.add_column("what")
        table.add_column("on the ledger", justify="right")
        table.add_column("expected", justify="right")
        table.add_column("")
        for check in self.checks:
            mark = "[green]agrees[/green]" if check.holds else "[bold red]OFF[/bold red]"
            table.add_row(check.what, money(check.shown), money(check.expected), mark)
        return table

    @property
    def all_hold(self) -> bool:
        """Whether there are checks, and all agree to the cent."""
        return bool(self.checks) and all(check.holds for check in self.checks)
