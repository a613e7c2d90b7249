"""What the validation of a request says of a field, in the language of the caller.

English answers to programs have the validator's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.texts import Sentence, Text, say, text_of
from app.gateway.languages import ENGLISH
from app.gateway.said import language, localized, on_page

_WHOLE = say("it must be a whole number")
_DAY = say("it must be a date such as 2026-11-26")
_TIME = say("it must be a time such as 2026-11-26T08:00:00Z")
_YES_OR_NO = say("it must be true or false")
_LIST, _OBJECT = say("it must be a list"), say("it must be an object with fields")
_NUMBER = say("it must be a number")
_SENTENCES: dict[str, Sentence] = {
    "missing": say("the field is missing"),
    "extra_forbidden": say("there is no such field"),
    "string_type": say("it must be a text"),
    "string_too_short": say("it must have at least {min_length} characters"),
    "string_too_long": say("it must have at most {max_length} characters"),
    "string_pattern_mismatch": say("it must have the form {pattern}"),
    "greater_than": say("it must be more than {gt}"),
    "greater_than_equal": say("it must be at least {ge}"),
    "less_than": say("it must be less than {lt}"),
    "less_than_equal": say("it must be at most {le}"),
    "literal_error": say("it must be {expected}"),
    "enum": say("it must be {expected}"),
    "too_short": say("it must have at least {min_length} items"),
    "too_long": say("it must have at most {max_length} items"),
    "none_required": say("it must be empty"),
    "uuid_parsing": say("it must be an id (UUID)"),
    "union_tag_invalid": say("its kind must be {expected_tags}"),
    "whole_number": say("give a whole number in digits alone, such as 7"),
    "address_hidden": say("{hidden}: send visible characters and plain spaces"),
    "address_line_twice": say("the line {line} repeats the town, post code or country"),
    "address_unstructured": say(
        "the address lacks {members:words}: give town and country by themselves"
    ),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _YES_OR_NO),
    **dict.fromkeys(("list_type", "tuple_type"), _LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _OBJECT),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DAY),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _TIME),
}
_OTHER = say("the value is not valid")
_HASH = say("it must be a hash: 0x and 64 digits or letters a to f")
#: What a text must be, by its pattern; programs get the pattern too.
PATTERNS: dict[str, Sentence] = {
    r"^[A-Z]{3}$": say("it must be a currency's code of three letters, such as CNY"),
    r"^([0-9]{1,18}|[0-9]{4}-[0-9]{2}-[0-9]{2})$": say(
        "it must be a block's number, or a date such as 2026-11-26"
    ),
    r"^[0-9a-f-]{36}$": say("it must be an id"),
    r"^[0-9a-f]{32}$": say("it must be an id"),
    r"^[0-9]{1,19}(\.[0-9]{1,19})?$": say("the list has no such page: begin at its first page"),
    r"^0x[0-9a-f]{64}$": _HASH,
    r"^0x[0-9a-fA-F]{64}$": _HASH,
    r"^0x[0-9a-fA-F]{40}$": say("it must be an account: 0x and 40 digits or letters a to f"),
    r"^0x([0-9a-fA-F]{2})+$": say("it must be a signature: 0x and digits or letters a to f"),
    r"^([A-Z]{3}|0x[0-9a-fA-F]{64})$": say(
        "it must be a currency's code of three letters, or the hash that names goods"
    ),
    r"^[A-Z0-9-]{1,16}$": say(
        "it must be a code of at most 16 capital letters, digits and hyphens"
    ),
    r"^[A-Z0-9]{1,34}$": say(
        "it must be an account number of at most 34 capital letters and digits, such as an IBAN"
    ),
    r"^[A-Z0-9]{2,3}$": say("it must be a code of a unit, such as KGM"),
    r"^[A-Z0-9-]{4,32}$": say("it must have 4 to 32 capital letters, digits or hyphens"),
    r"^[A-Z0-9]{2,12}$": say("it must have 2 to 12 capital letters or digits"),
    r"^[A-Za-z0-9._-]{1,100}$": say(
        "it must have at most 100 letters, digits, dots, lines and hyphens"
    ),
    r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$": say("it must be the code of a bank (BIC)"),
}


def fault(item: Mapping[str, Any]) -> str:
    """What is wrong with a field; on a page, without the pattern of a text.

    Args:
        item: an error of the validator.
    """
    if language.get() == ENGLISH and not on_page.get():
        return str(item["msg"])
    return localized(_sentence(item))


def _sentence(item: Mapping[str, Any]) -> Text:
    context = item.get("ctx", {})
    error = context.get("error")
    if isinstance(error, Exception):
        return text_of(error)
    if item["type"] == "string_pattern_mismatch" and on_page.get():
        return PATTERNS.get(context["pattern"], _OTHER)
    known = _SENTENCES.get(item["type"], _OTHER)
    return say(known.template, **context)
