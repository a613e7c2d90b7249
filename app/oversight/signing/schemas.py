"""Bodies of the description of what is signed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from typing_extensions import TypedDict

MAX_TYPES, MAX_FIELDS, MAX_NAME = 20, 100, 200
_ZEROS = "0x" + "00" * 20

Name = Annotated[str, Field(max_length=MAX_NAME)]


class SignedField(BaseModel):
    """A field of a type: its name and its Solidity type."""

    model_config = ConfigDict(extra="forbid")
    name: Name = Field(description="The field's name.")
    type: Name = Field(description="The field's Solidity type.")


class SignedData(BaseModel):
    """EIP-712 typed data as a wallet gets it (`eth_signTypedData_v4`)."""

    model_config = ConfigDict(extra="forbid")
    types: Annotated[
        dict[Name, Annotated[list[SignedField], Field(max_length=MAX_FIELDS)]],
        Field(max_length=MAX_TYPES, description="Fields of each type, `EIP712Domain` included."),
    ]
    primaryType: Name = Field(description="Name of the message's type.")
    domain: dict[Name, JsonValue] = Field(description="Where the signature is valid.")
    message: dict[Name, JsonValue] = Field(description="The values that are signed.")


class NewDescription(BaseModel):
    """What a wallet is about to sign."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "typedData": {
                    "types": {
                        "EIP712Domain": [
                            {"name": "name", "type": "string"},
                            {"name": "version", "type": "string"},
                            {"name": "chainId", "type": "uint256"},
                            {"name": "verifyingContract", "type": "address"},
                        ],
                        "SharingEnd": [
                            {"name": "termsHash", "type": "bytes32"},
                            {"name": "deadline", "type": "uint40"},
                        ],
                    },
                    "primaryType": "SharingEnd",
                    "domain": {
                        "name": "Cession RiskReserve",
                        "version": "1",
                        "chainId": 31337,
                        "verifyingContract": _ZEROS,
                    },
                    "message": {"termsHash": "0x" + "ab" * 32, "deadline": 1924991999},
                }
            }
        },
    )
    typedData: SignedData


class TextView(TypedDict):
    """A text in English, and what to translate instead."""

    text: Annotated[str, Field(description="The text in English, with its values.")]
    template: Annotated[
        str, Field(description="The text to translate; `{name}` stands for an argument.")
    ]
    arguments: Annotated[dict[str, str], Field(description="The template's values by name.")]


class Value(TypedDict):
    """A value in words."""

    text: Annotated[str, Field(description="The value in English.")]
    template: Annotated[
        str, Field(description='The text to translate; "": the value has no words of a language.')
    ]
    arguments: Annotated[dict[str, str], Field(description="The template's values by name.")]
    parts: Annotated[
        list[str], Field(description="Names to translate one by one, if it is a set of names.")
    ]
    amount: Annotated[str | None, Field(description="Decimal text of an amount or a price.")]
    currency: Annotated[str | None, Field(description="ISO 4217 code of the amount.")]


class Row(TypedDict):
    """A field that is shown."""

    path: Annotated[str, Field(description="Path of the field in the message or the arguments.")]
    label: Annotated[str, Field(description="What it is, for people; a text to translate.")]
    place: Annotated[
        list[int], Field(description="Numbers of the lists' elements that it is in, from 1.")
    ]
    kind: Annotated[
        str,
        Field(
            description="Kind of the value: party, contract, currency, money, allowance, quantity, "
            "percent, price, day, month, time, days, hours, months, number, hash, text, code, "
            "item, bytes, choice, set, yes-no, posting or call; raw: it is not known."
        ),
    ]
    value: Annotated[Value, Field(description="The value in words.")]
    raw: Annotated[
        str, Field(description="The value as the bytes have it: decimal text, or 0x and digits.")
    ]
    call: Annotated[
        Description | None, Field(description="The call that the field holds; null: none.")
    ]


class HiddenRow(TypedDict):
    """A field that is not shown unless the signer asks for it."""

    path: Annotated[str, Field(description="Path of the field in the message or the arguments.")]
    label: Annotated[str, Field(description="What it is, for people; a text to translate.")]
    raw: Annotated[
        str, Field(description="The value as the bytes have it: decimal text, or 0x and digits.")
    ]
    reason: Annotated[str, Field(description="Why it is not shown; a text to translate.")]


class Description(TypedDict):
    """A message or a call in words."""

    known: Annotated[
        bool,
        Field(
            description="false: the ledger does not know what this does, or would refuse it; all "
            "values are shown as they are."
        ),
    ]
    contract: Annotated[
        str | None,
        Field(description="The ledger's contract that checks or carries it out; null: none."),
    ]
    address: Annotated[str, Field(description="Address of that contract.")]
    name: Annotated[str, Field(description="Name of the message's type, or of the function.")]
    title: Annotated[str, Field(description="What the signer does; a text to translate.")]
    sentence: Annotated[TextView, Field(description="What the signer does, with the values.")]
    rows: Annotated[list[Row], Field(description="All fields that are shown.")]
    hidden: Annotated[list[HiddenRow], Field(description="All other fields, and why.")]
    warnings: Annotated[list[TextView], Field(description="What the signer must know.")]


class MessageDescription(Description):
    """What a wallet is about to sign, in words."""

    digest: Annotated[
        str | None,
        Field(
            description="The 32 bytes that a wallet signs for this typed data; null: it is not "
            "known."
        ),
    ]


class OperationSentence(TypedDict):
    """What an operation does, in a sentence."""

    operationId: str
    known: Annotated[bool, Field(description="false: the ledger does not know what it does.")]
    title: Annotated[str, Field(description="What the signer does; a text to translate.")]
    sentence: Annotated[TextView, Field(description="What the signer does, with the values.")]
    rows: Annotated[list[Row], Field(description="The fields that the sentence names.")]


class OperationSentencePage(TypedDict):
    """A page of operations in words, newest first."""

    items: list[OperationSentence]
    nextCursor: str | None
