"""The errors of the gateway.

CessionError
├── BadInput           422  a field is wrong; `field` names it, `fix` says what is right
├── Unauthenticated    401  there is no key or token, or it is not valid
├── Forbidden          403  the caller's role or party may not do this
├── NotFound           404  there is no such thing, or the caller may not see it
├── Conflict           409  the request is valid, but the current state does not allow it
├── TooLarge           413  too many bytes
├── UnsupportedKind    415  the body has a content type that is not read here
├── TooManyRequests    429  the caller has reached its limit
└── Unavailable        503  the chain or the store cannot be reached; nothing was done

Each becomes a problem document (RFC 9457) of type `urn:cession:problem:<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NotRequired

from typing_extensions import TypedDict

from app.domain.texts import Text


class ProblemDocument(TypedDict):
    """The members that every problem document may have (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    field: NotRequired[str]
    fix: NotRequired[str]


class CessionError(Exception):
    """An error that the caller gets.

    Attributes:
        name: last part of the problem's type, for example `bad-input`.
        detail: what is wrong, with the values, in English; `said` is its sentence.
        field: path of the wrong input, for example `parts.0.amount`.
        fix: what to do about it, in English; `remedy` is its sentence.
        more: further members of the problem document.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The gateway failed"
    default_name: ClassVar[str] = "internal"

    def __init__(
        self,
        detail: Text,
        *,
        name: str | None = None,
        field: str | None = None,
        fix: Text | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.name = name or self.default_name
        self.detail = str(detail)
        self.said = detail
        self.field = field
        self.fix = None if fix is None else str(fix)
        self.remedy = fix
        self.more = more

    def problem(self, write: Callable[[Text], str] = str) -> Mapping[str, Any]:
        """The problem document; `more` may add any members to it.

        Args:
            write: writes its texts in a language.
        """
        document: ProblemDocument = {
            "type": f"urn:cession:problem:{self.name}",
            "title": write(self.title),
            "status": self.status,
            "detail": write(self.said),
        }
        if self.field is not None:
            document["field"] = self.field
        if self.remedy is not None:
            document["fix"] = write(self.remedy)
        return {**document, **self.more}


class BadInput(CessionError):
    """A field of the request is wrong."""

    status = 422
    title = "The request is not valid"
    default_name = "bad-input"


class Unauthenticated(CessionError):
    """There is no key or token, or it is not valid."""

    status = 401
    title = "Who are you?"
    default_name = "unauthenticated"


class Forbidden(CessionError):
    """The caller may not do this."""

    status = 403
    title = "Not for this caller"
    default_name = "forbidden"


class NotFound(CessionError):
    """There is no such thing, or the caller may not see it."""

    status = 404
    title = "Not found"
    default_name = "not-found"


class Conflict(CessionError):
    """The current state does not allow the request."""

    status = 409
    title = "Not possible in the current state"
    default_name = "conflict"


class TooLarge(CessionError):
    """Too many bytes."""

    status = 413
    title = "Too large"
    default_name = "too-large"


class UnsupportedKind(CessionError):
    """The body has a content type that is not read here."""

    status = 415
    title = "Unsupported media type"
    default_name = "content-type-unsupported"


class TooManyRequests(CessionError):
    """The caller has reached its limit for the moment."""

    status = 429
    title = "Too many requests"
    default_name = "too-many-requests"


class Unavailable(CessionError):
    """The chain or the store cannot be reached."""

    status = 503
    title = "Not available for the moment"
    default_name = "unavailable"
