"""What is wrong with a document, and what would be right.

DocumentError (a BadInput: 422)
├── DocumentTooLarge (413)  more bytes than are taken; nothing was parsed
├── FormatUnknown           no format that is read; or not what it was said to be
├── DocumentMalformed       no well-formed XML, PDF, archive or JSON
├── DocumentHostile         a DTD, entities, a bomb, nesting beyond reason
├── FieldMissing            a field that must be there is not
├── FieldInvalid            a field does not hold by itself
└── TotalsMismatch          amounts do not add up with each other

`code` is a stable kebab-case name, `field` a path in our own JSON (`lines.0.amount`), `fix` what to
do. As each is a `BadInput`, the gateway answers it as a problem document as it stands.
"""

from __future__ import annotations

from app.domain.money import decimal_text
from app.errors import BadInput


class DocumentError(BadInput):
    """A document is refused. Reading and checking raise this and nothing else."""

    title = "The document does not hold"
    default_name = "document-invalid"

    @property
    def code(self) -> str:
        """Kebab-case name, the last word of the problem's type."""
        return self.name


class DocumentTooLarge(DocumentError):
    """More bytes than are taken."""

    status = 413
    title = "The document is too large"
    default_name = "document-too-large"


class FormatUnknown(DocumentError):
    """No kind of document that is read here."""

    default_name = "document-format-unknown"


class DocumentMalformed(DocumentError):
    """Not even well formed."""

    default_name = "document-malformed"


class DocumentHostile(DocumentError):
    """Built to harm whoever reads it, or indistinguishable from such."""

    default_name = "document-hostile"


class FieldMissing(DocumentError):
    """A field that must be there is not."""

    default_name = "field-missing"


class FieldInvalid(DocumentError):
    """A field does not hold by itself."""

    default_name = "field-invalid"


class TotalsMismatch(DocumentError):
    """Amounts do not add up with each other."""

    default_name = "totals-mismatch"


def mismatch(
    field: str, said: int, right: int, words: str, *, rule: str, currency: str
) -> TotalsMismatch:
    """The error for a sum, in minor units, that is not what `words` say it must be."""
    said_text, right_text = (decimal_text(amount, currency=currency) for amount in (said, right))
    return TotalsMismatch(
        f"{field} is {said_text}, {words} {right_text} ({rule})",
        field=field,
        fix=f"give {right_text}, or correct what it is the sum of",
        rule=rule,
    )
