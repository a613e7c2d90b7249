"""What is wrong with a document, and how to correct it.

DocumentError (a BadInput: 422)
├── DocumentTooLarge (413)  more bytes than the limit; nothing was parsed
├── FormatUnknown           not a known format, or not the stated one
├── DocumentMalformed       not well-formed XML, PDF, archive or JSON
├── DocumentHostile         a DTD, entities, a bomb, too deep nesting
├── FieldMissing            a required field is missing
├── FieldInvalid            a field by itself is wrong
└── TotalsMismatch          amounts do not agree with each other

`code` is a stable kebab-case name, `field` a path in our own JSON (`lines.0.amount`), and `fix`
says what to do. Each is a `BadInput`, so the gateway answers it as a problem document.
"""

from __future__ import annotations

from app.domain.money import decimal_text
from app.domain.texts import say
from app.errors import BadInput


class DocumentError(BadInput):
    """The gateway refuses a document. Reading and checking raise only this."""

    title = "The document is not valid"
    default_name = "document-invalid"

    @property
    def code(self) -> str:
        """Kebab-case name, the last word of the problem's type."""
        return self.name


class DocumentTooLarge(DocumentError):
    """More bytes than the limit."""

    status = 413
    title = "The document is too large"
    default_name = "document-too-large"


class FormatUnknown(DocumentError):
    """A kind of document that the gateway does not read."""

    default_name = "document-format-unknown"


class DocumentMalformed(DocumentError):
    """Not well formed."""

    default_name = "document-malformed"


class DocumentHostile(DocumentError):
    """Built to harm its reader, or indistinguishable from such a document."""

    default_name = "document-hostile"


class FieldMissing(DocumentError):
    """A required field is missing."""

    default_name = "field-missing"


class FieldInvalid(DocumentError):
    """A field by itself is wrong."""

    default_name = "field-invalid"


class TotalsMismatch(DocumentError):
    """Amounts do not agree with each other."""

    default_name = "totals-mismatch"


def mismatch(
    field: str, stated: int, right: int, explanation: str, *, rule: str, currency: str
) -> TotalsMismatch:
    """The error for a sum in minor units: the document has `stated`, and must have `right`."""
    stated_text, right_text = (
        decimal_text(amount, currency=currency) for amount in (stated, right)
    )
    return TotalsMismatch(
        say(
            "{field} is {stated_text}, {explanation} {right_text} ({rule})",
            field=field,
            stated_text=stated_text,
            explanation=explanation,
            right_text=right_text,
            rule=rule,
        ),
        field=field,
        fix=say("give {right_text}, or correct what it is the sum of", right_text=right_text),
        rule=rule,
    )
