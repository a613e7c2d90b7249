"""What the gateway refuses, and how it says so.

CessionError
├── BadInput           422  a field is wrong; `field` names it, `fix` says what would be right
├── Unauthenticated    401  nobody, or a key or token that does not hold
├── Forbidden          403  the caller's role or party may not do this
├── NotFound           404  no such thing, or none that the caller may see
├── Conflict           409  right in itself, but not as things stand
├── TooLarge           413  more bytes than are taken
├── UnsupportedKind    415  the body is of a kind that is not read here
├── TooManyRequests    429  the caller's limit is used up
└── Unavailable        503  the chain or the store is away; nothing was done

Each becomes a problem document (RFC 9457) of type `urn:cession:problem:<name>`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class CessionError(Exception):
    """Something the caller is told about.

    Attributes:
        name: last word of the problem's type, for example `bad-input`.
        detail: what is wrong, with the values.
        field: path of the input that is wrong, `parts.0.amount`.
        fix: what to do about it.
        more: further members of the problem document.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The gateway failed"
    default_name: ClassVar[str] = "internal"

    def __init__(
        self,
        detail: str,
        *,
        name: str | None = None,
        field: str | None = None,
        fix: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.name = name or self.default_name
        self.detail = detail
        self.field = field
        self.fix = fix
        self.more = more

    def problem(self) -> dict[str, Any]:
        """The problem document."""
        document: dict[str, Any] = {
            "type": f"urn:cession:problem:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field is not None:
            document["field"] = self.field
        if self.fix is not None:
            document["fix"] = self.fix
        return document | self.more


class BadInput(CessionError):
    """A field of the request is wrong."""

    status = 422
    title = "The request does not hold"
    default_name = "bad-input"


class Unauthenticated(CessionError):
    """No key or token, or none that holds."""

    status = 401
    title = "Who are you?"
    default_name = "unauthenticated"


class Forbidden(CessionError):
    """The caller may not do this."""

    status = 403
    title = "Not for this caller"
    default_name = "forbidden"


class NotFound(CessionError):
    """There is no such thing, or none that the caller may see."""

    status = 404
    title = "Not found"
    default_name = "not-found"


class Conflict(CessionError):
    """Not as things stand."""

    status = 409
    title = "Not as things stand"
    default_name = "conflict"


class TooLarge(CessionError):
    """More bytes than are taken."""

    status = 413
    title = "Too large"
    default_name = "too-large"


class UnsupportedKind(CessionError):
    """The body is not of a content type that is read here."""

    status = 415
    title = "Unsupported media type"
    default_name = "content-type-unsupported"


class TooManyRequests(CessionError):
    """The caller's limit is used up for the moment."""

    status = 429
    title = "Too many requests"
    default_name = "too-many-requests"


class Unavailable(CessionError):
    """Chain or store are away."""

    status = 503
    title = "Not available for the moment"
    default_name = "unavailable"
