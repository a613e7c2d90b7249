"""The shape of a document's JSON, as `model.view` writes it; amounts are decimal text."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

TaxCategory = Annotated[str | None, Field(description="Code of UNTDID 5305, such as S.")]
TaxRate = Annotated[str | None, Field(description="Per cent, as decimal text.")]
Amount = Annotated[str, Field(description="In the document's currency, as decimal text.")]
Sum = Annotated[
    str | None, Field(description="A sum that the document states; missing: it states none.")
]


class InvoiceIdentifier(TypedDict):
    """An identifier of a party in a document."""

    id: Annotated[str, Field(description="The identifier.")]
    scheme: Annotated[str, Field(description="Its scheme, such as LEI, USCC or VAT.")]


class InvoiceParty(TypedDict):
    """A party as a document names it, with its best identifier."""

    name: str
    id: Annotated[str | None, Field(description="The best identifier; null: there is none.")]
    scheme: Annotated[str | None, Field(description="Its scheme, such as LEI, USCC or VAT.")]
    tradingName: NotRequired[Annotated[str | None, Field(description="The trading name.")]]
    country: NotRequired[Annotated[str | None, Field(description="Code of ISO 3166.")]]
    otherIds: NotRequired[
        Annotated[list[InvoiceIdentifier] | None, Field(description="Further identifiers.")]
    ]


def identifier_pairs(party: InvoiceParty) -> list[tuple[str, str]]:
    """The identifiers of a party, best first: each with its scheme."""
    pairs = [(party["id"], party["scheme"])]
    pairs += [(other["id"], other["scheme"]) for other in party.get("otherIds") or ()]
    return [(value, scheme) for value, scheme in pairs if value and scheme is not None]


class InvoiceLine(TypedDict):
    """A line of a document; its amount is net of tax."""

    number: Annotated[str, Field(description="The line's own number.")]
    description: Annotated[str, Field(description="What was sold.")]
    quantity: NotRequired[Annotated[str | None, Field(description="As decimal text.")]]
    unit: NotRequired[
        Annotated[str | None, Field(description="The unit, as the document names it.")]
    ]
    price: NotRequired[Annotated[str | None, Field(description="Price of a unit.")]]
    amount: Amount
    taxCategory: NotRequired[TaxCategory]
    taxRate: NotRequired[TaxRate]


class InvoiceAdjustment(TypedDict):
    """An allowance or charge on the whole document, without tax."""

    charge: Annotated[bool, Field(description="Whether it is a charge; else an allowance.")]
    amount: Amount
    reason: NotRequired[Annotated[str | None, Field(description="The reason for it.")]]
    taxCategory: NotRequired[TaxCategory]
    taxRate: NotRequired[TaxRate]


class InvoiceTax(TypedDict):
    """The tax of one category and rate."""

    taxable: Annotated[str, Field(description="The amount that is taxed.")]
    amount: Amount
    category: NotRequired[TaxCategory]
    rate: NotRequired[TaxRate]


class InvoiceTotals(TypedDict):
    """The document's own sums (EN 16931, BG-22)."""

    lines: NotRequired[Sum]
    allowances: NotRequired[Sum]
    charges: NotRequired[Sum]
    taxExclusive: NotRequired[Sum]
    tax: NotRequired[Sum]
    taxInclusive: NotRequired[Sum]
    prepaid: NotRequired[Sum]
    rounding: NotRequired[Sum]
    thirdParty: NotRequired[Sum]


class InvoiceReference(TypedDict):
    """Another document that this one names."""

    kind: Annotated[str, Field(description="invoice, order or another kind of document")]
    number: Annotated[str, Field(description="The number of that document.")]
    issueDate: NotRequired[Annotated[str | None, Field(description="The day of its issue.")]]


class InvoiceInstalment(TypedDict):
    """A part of the payable amount with its own due day."""

    amount: Amount
    dueDate: Annotated[str, Field(description="The due day, as in the document.")]


class InvoiceNote(TypedDict):
    """A note on the whole document (EN 16931, BG-1)."""

    subject: NotRequired[Annotated[str | None, Field(description="Code of UNTDID 4451.")]]
    text: Annotated[str, Field(description="The note.")]


class StatedAssignment(TypedDict):
    """What a document says about an assignment of its debt."""

    basis: Annotated[
        list[str],
        Field(
            description="What says so: `type-code` (a factored invoice), `note` (an assignment "
            "clause), `payee` (one that is not the seller)."
        ),
    ]
    payee: NotRequired[Annotated[str, Field(description="Name of the payee.")]]


class Invoice(TypedDict):
    """The content of an invoice or credit note."""

    kind: Literal["invoice", "credit-note"]
    format: Annotated[str, Field(description="ubl, cii, factur-x, fapiao or json")]
    number: Annotated[str, Field(description="The document's own number.")]
    issueDate: Annotated[str, Field(description="The day of its issue.")]
    dueDate: Annotated[
        str | None,
        Field(description="The due day; null: it states none, or is due in instalments."),
    ]
    currency: str
    payableAmount: Annotated[str, Field(description="What is owed or credited.")]
    seller: InvoiceParty
    buyer: Annotated[InvoiceParty, Field(description="The party that bought the goods.")]
    lines: Annotated[list[InvoiceLine], Field(description="Its lines.")]
    adjustments: Annotated[
        list[InvoiceAdjustment], Field(description="Allowances and charges on the whole.")
    ]
    taxes: Annotated[list[InvoiceTax], Field(description="Its taxes, by category and rate.")]
    totals: Annotated[InvoiceTotals, Field(description="Its own sums.")]
    references: Annotated[list[InvoiceReference], Field(description="Documents that it names.")]
    payee: NotRequired[Annotated[InvoiceParty, Field(description="The party to pay.")]]
    typeCode: NotRequired[Annotated[str, Field(description="Code of UNTDID 1001, such as 380.")]]
    code: NotRequired[Annotated[str, Field(description="Code of a Chinese invoice.")]]
    profile: NotRequired[
        Annotated[str, Field(description="The specification that it states to follow.")]
    ]
    paymentTerms: NotRequired[Annotated[str, Field(description="The terms of payment.")]]
    negated: NotRequired[
        Annotated[
            bool, Field(description="An invoice with a negative amount, read as a credit note.")
        ]
    ]
    instalments: NotRequired[
        Annotated[
            list[InvoiceInstalment], Field(description="Parts that are due on different days.")
        ]
    ]
    notes: NotRequired[
        Annotated[list[InvoiceNote], Field(description="Notes on the whole document.")]
    ]
    assignment: NotRequired[
        Annotated[
            StatedAssignment,
            Field(description="An assignment to another party that the document states."),
        ]
    ]
