"""What can be wrong with a document.

DocumentError
├── DocumentTooLarge      more bytes, elements or depth than are taken
├── DocumentHostile       a document type, an entity, an embedded trap
├── DocumentUnreadable    not well-formed, or not what it says it is
├── DocumentUnknown       well-formed, but no invoice or credit note that we know
└── DocumentInvalid       it can be read and does not hold: `field` names what
"""

from __future__ import annotations

from typing import ClassVar


class DocumentError(Exception):
    """A document cannot be taken.

    Attributes:
        name: last word of the problem's type.
        field: what is wrong, in the model's words (`totals.payable`, `lines.3.amount`).
        fix: what would be right.
    """

    name: ClassVar[str] = "document-invalid"

    def __init__(self, detail: str, *, field: str | None = None, fix: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.fix = fix


class DocumentTooLarge(DocumentError):
    """More than is taken."""

    name = "document-too-large"


class DocumentHostile(DocumentError):
    """Something that no invoice needs and attacks use."""

    name = "document-hostile"


class DocumentUnreadable(DocumentError):
    """Not well-formed."""

    name = "document-unreadable"


class DocumentUnknown(DocumentError):
    """Neither UBL 2.1, CII, Factur-X nor our JSON."""

    name = "document-unknown"


class DocumentInvalid(DocumentError):
    """A field is missing or does not hold."""
