"""How a field of what is signed is shown, and how a message or a call is introduced."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

# Kinds of values.
PARTY, CONTRACT, TOKEN = "party", "contract", "currency"
MONEY, QUANTITY, EITHER = "money", "quantity", "money or quantity"
ALLOWANCE = "allowance"  # money that others may take; it may have no limit
PERCENT, PRICE = "percent", "price"
DAY, MONTH, TIME = "day", "month", "time"
DAYS, HOURS, MONTHS = "days", "hours", "months"
NUMBER, HASH, TEXT, CODE, ITEM, BYTES = "number", "hash", "text", "code", "item", "bytes"
CHOICE, SET, YES_NO, CALL = "choice", "set", "yes-no", "call"
POSTING = "posting"

# From this amount on, an approval has no limit: whatever the owner ever has may be taken.
NO_LIMIT = 2**255

# Where the currency of an amount comes from.
FROM_TOKEN, FROM_CODE, FROM_CONTRACT = "token", "code", "contract"


class Currency(msgspec.Struct, frozen=True):
    """Where the currency of an amount is.

    Attributes:
        source: "token" or "code": a field of the same struct has the token's address or the ISO
            4217 code; "contract": the contract itself is the currency's token; or a thing of the
            ledger ("loan", "facility", "product", "limit", "claim", "receivable", "order",
            "campaign") whose currency the ledger knows. "limit" is that of a product's limits.
        path: the field that has the address, the code or the thing's number.
        otherwise: where it is if the code is empty.
    """

    source: str
    path: str = ""
    otherwise: Currency | None = None


class Field(msgspec.Struct, frozen=True):
    """How one field is shown.

    Attributes:
        label: its name for people; a text to translate.
        kind: one of the kinds above.
        currency: of money; None: the currency of its struct or call.
        names: of a choice or a set: which enumeration.
        zero: what a value of zero means, if it is not just zero; a text to translate.
        hidden: why the field is not shown; "": it is shown. A text to translate.
    """

    label: str
    kind: str
    currency: Currency | None = None
    names: str = ""
    zero: str = ""
    hidden: str = ""


class StructForm(msgspec.Struct, frozen=True):
    """What differs in one struct from the table of fields.

    Attributes:
        currency: of its money, with paths within the struct.
    """

    currency: Currency | None = None
    fields: Mapping[str, Field] = {}


class CallForm(msgspec.Struct, frozen=True):
    """One function, or one type of message.

    Attributes:
        title: what the signer does; a text to translate.
        sentence: the same with values: `{path}` is a field that is shown. A text to translate.
        currency: of its money; a struct's own currency precedes it.
        fields: what differs from the table of fields, by path.
    """

    title: str
    sentence: str
    currency: Currency | None = None
    fields: Mapping[str, Field] = {}


class Leaf(msgspec.Struct, frozen=True):
    """A field of a form with its place and type.

    Attributes:
        path: names joined by dots; `[]` is every element of a list.
        type: its Solidity type, of one element if it is a list.
        field: how it is shown; `currency` has whole paths.
    """

    path: str
    type: str
    field: Field


class Form(msgspec.Struct, frozen=True):
    """A message or a call with all its fields.

    Attributes:
        contract: name of the contract's source ("SettlementToken").
        name: name of the message's type or of the function.
        key: what ERC-7730 names it by: the encoded type, or the signature with names.
    """

    contract: str
    name: str
    key: str
    title: str
    sentence: str
    leaves: tuple[Leaf, ...]
