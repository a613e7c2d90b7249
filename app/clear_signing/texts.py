"""All texts of descriptions, for translation."""

from __future__ import annotations

from app.clear_signing import enumerations, fields
from app.clear_signing.fields import FIELDS
from app.clear_signing.messages import MESSAGE_FIELDS, MESSAGE_FORMS
from app.clear_signing.model import Field
from app.clear_signing.reading import READING_WARNINGS
from app.clear_signing.rendering import RENDERING_TEXTS
from app.clear_signing.signed_calls import CALL_FORMS
from app.clear_signing.structs import STRUCT_FORMS
from app.clear_signing.values import VALUE_TEXTS


def all_texts() -> list[str]:
    """Each text once, sorted: titles, sentences, labels, choices, reasons and warnings.

    `{path}` in a sentence, and `{name}` in another text, stand for a value and stay as they are.
    """
    calls = [form for forms in CALL_FORMS.values() for form in forms.values()]
    every: list[Field] = [*FIELDS.values(), *(f for form in calls for f in form.fields.values())]
    every += [field for form in STRUCT_FORMS.values() for field in form.fields.values()]
    every += [field for table in MESSAGE_FIELDS.values() for field in table.values()]
    texts = {text for field in every for text in (field.label, field.zero, field.hidden)}
    texts |= {text for form in calls for text in (form.title, form.sentence)}
    texts |= {text for form in MESSAGE_FORMS.values() for text in (form.title, form.sentence)}
    texts |= {*enumerations.texts(), *VALUE_TEXTS, *READING_WARNINGS, *RENDERING_TEXTS}
    texts |= {fields.A_HISTORY, fields.A_NONCE}
    return sorted(texts - {""})
