"""What a caller of the gateway has to catch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from cession_client.answers import Operation


class FieldError(TypedDict, total=False):
    """One wrong field of a body, or one wrong line of a table."""

    line: int
    field: str
    detail: str


class GatewayRefused(Exception):
    """The gateway answered with a problem document (RFC 9457).

    Attributes:
        problem: the document; it may have more members than the properties here name.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        words = self.detail or self.problem.get("title") or "refused"
        error = (self.contract_error or {}).get("name")
        named = "" if error is None else f" ({error})"
        super().__init__(f"{self.problem.get('status')}: {words}{named}")

    @property
    def type(self) -> str:
        """`urn:cession:problem:<kind>`; it never changes, so programs can rely on it."""
        return str(self.problem.get("type", ""))

    @property
    def kind(self) -> str:
        """The last part of the type: `claim-unknown`."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.problem.get("status", 0))

    @property
    def detail(self) -> str | None:
        """What is wrong, in words for people."""
        return self.problem.get("detail")

    @property
    def field(self) -> str | None:
        """The path of the wrong input: `parts.0.amount`."""
        return self.problem.get("field")

    @property
    def fix(self) -> str | None:
        """What to do, or what would be right."""
        return self.problem.get("fix")

    @property
    def errors(self) -> list[FieldError]:
        """All wrong fields of a malformed body, or wrong lines of a table."""
        return list(self.problem.get("errors") or ())

    @property
    def contract_error(self) -> dict[str, Any] | None:
        """The contract's own error with its values."""
        return self.problem.get("contractError")

    @property
    def operation(self) -> Operation | None:
        """The operation that the ledger refused."""
        return self.problem.get("operation")


def refusal(operation: Operation) -> GatewayRefused:
    """What a rejected operation raises: the problem that the gateway answers to who waits."""
    error = operation["error"] or {}
    return GatewayRefused(
        {
            "status": 409,
            "type": "urn:cession:problem:contract-refused",
            "detail": f"the ledger refuses: {error.get('message')}",
            "fix": error.get("fix"),
            "contractError": error,
            "operation": operation,
        }
    )


class StillUnderWay(TimeoutError):
    """The operation did not end in time. It goes on; wait for it again.

    Attributes:
        operation: as it was last.
    """

    def __init__(self, operation: Operation) -> None:
        super().__init__(f"operation {operation['id']} is {operation['state']}")
        self.operation = operation


class WalletMismatch(Exception):
    """What the gateway prepared is not for this wallet, ledger or command; nothing was signed."""
