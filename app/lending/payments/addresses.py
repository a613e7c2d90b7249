"""Postal addresses that banks accept since 14 November 2026: structured or hybrid."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from app.domain.accounts import COUNTRIES
from app.domain.hidden_text import hidden_in
from app.domain.texts import say

LINE = 70
LINES = 2


class Address(msgspec.Struct, frozen=True):
    """An address, with its members in the order of ISO 20022 (PostalAddress24)."""

    town: str
    country: str
    department: str | None = None
    sub_department: str | None = None
    street: str | None = None
    building_number: str | None = None
    building_name: str | None = None
    floor: str | None = None
    post_box: str | None = None
    room: str | None = None
    post_code: str | None = None
    town_location: str | None = None
    district: str | None = None
    region: str | None = None
    lines: tuple[str, ...] = ()


def _country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError(
            say("{code} is not a country: give two letters of ISO 3166-1, such as DE", code=code)
        )
    return code


Text16 = Annotated[str | None, Field(min_length=1, max_length=16)]
Text35 = Annotated[str | None, Field(min_length=1, max_length=35)]
Text70 = Annotated[str | None, Field(min_length=1, max_length=70)]


class PostalAddress(BaseModel):
    """A party's address: structured, or hybrid with town, country and at most two lines."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        json_schema_extra={
            "example": {
                "street": "Hauptstrasse",
                "buildingNumber": "5",
                "postCode": "60311",
                "town": "Frankfurt am Main",
                "country": "DE",
            }
        },
    )
    department: Text70 = None
    sub_department: Text70 = None
    street: Text70 = None
    building_number: Text16 = None
    building_name: Text35 = None
    floor: Text70 = None
    post_box: Text16 = None
    room: Text70 = None
    post_code: Text16 = None
    town: str = Field(min_length=1, max_length=35)
    town_location: Text35 = None
    district: Text35 = None
    region: Text35 = None
    country: Annotated[str, AfterValidator(_country)] = Field(
        description="ISO 3166-1, two letters."
    )
    lines: list[Annotated[str, Field(min_length=1, max_length=LINE)]] = Field(
        [],
        max_length=LINES,
        description="What no other member holds; do not repeat town, post code or country.",
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_lines_alone(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("lines"):
            missing = [name for name in ("town", "country") if not value.get(name)]
            if missing:
                raise PydanticCustomError(
                    "address_unstructured",
                    "the address lacks {missing}: banks refuse an address of lines only since "
                    "14 November 2026; give town and country in their own members",
                    {"missing": " and ".join(missing), "members": ", ".join(missing)},
                )
        return value

    @model_validator(mode="after")
    def _refuse_what_banks_refuse(self) -> PostalAddress:
        members = (self.town, self.post_code, self.country)
        repeated = {member.casefold() for member in members if member}
        for text in self.model_dump().values():
            for value in text if isinstance(text, list) else [text]:
                hidden = value and hidden_in(value)
                if hidden:
                    raise PydanticCustomError(
                        "address_hidden",
                        "{hidden}: send visible characters and plain spaces",
                        {"hidden": hidden},
                    )
        for line in self.lines:
            words = line.replace(",", " ").casefold().split()
            if " ".join(words) in repeated or all(word in repeated for word in words):
                raise PydanticCustomError(
                    "address_line_twice",
                    "the line {line} repeats the town, post code or country: leave it out",
                    {"line": repr(line)},
                )
        return self

    def as_address(self) -> Address:
        """The address as messages take it."""
        members = self.model_dump(exclude={"lines"})
        return Address(**members, lines=tuple(self.lines))
