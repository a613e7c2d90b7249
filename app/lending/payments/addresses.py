"""Postal addresses as banks take them since 14 November 2026: structured, or hybrid."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.domain.accounts import COUNTRIES
from app.domain.names import hidden_in

LINE = 70
LINES = 2


class Address(msgspec.Struct, frozen=True):
    """An address; its members in the order of ISO 20022 (PostalAddress24)."""

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
        raise ValueError(f"{code} is no country: give its two letters of ISO 3166-1, such as DE")
    return code


Text16 = Annotated[str | None, Field(min_length=1, max_length=16)]
Text35 = Annotated[str | None, Field(min_length=1, max_length=35)]
Text70 = Annotated[str | None, Field(min_length=1, max_length=70)]


class PostalAddress(BaseModel):
    """Where a party is. Structured, or hybrid: town and country and at most two lines."""

    model_config = ConfigDict(
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
    subDepartment: Text70 = None
    street: Text70 = None
    buildingNumber: Text16 = None
    buildingName: Text35 = None
    floor: Text70 = None
    postBox: Text16 = None
    room: Text70 = None
    postCode: Text16 = None
    town: str = Field(min_length=1, max_length=35)
    townLocation: Text35 = None
    district: Text35 = None
    region: Text35 = None
    country: Annotated[str, AfterValidator(_country)] = Field(
        description="ISO 3166-1, two letters."
    )
    lines: list[Annotated[str, Field(min_length=1, max_length=LINE)]] = Field(
        [],
        max_length=LINES,
        description="What has no member of its own; neither town, post code nor country again.",
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_lines_alone(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("lines"):
            missing = [name for name in ("town", "country") if not value.get(name)]
            if missing:
                raise PydanticCustomError(
                    "address_unstructured",
                    "an address of lines alone lacks {missing}: banks refuse it since "
                    "14 November 2026; give town and country in members of their own",
                    {"missing": " and ".join(missing)},
                )
        return value

    @model_validator(mode="after")
    def _refuse_what_banks_refuse(self) -> PostalAddress:
        apart = {one.casefold() for one in (self.town, self.postCode, self.country) if one}
        for text in self.model_dump().values():
            for one in text if isinstance(text, list) else [text]:
                found = one and hidden_in(one)
                if found:
                    raise PydanticCustomError(
                        "address_hidden",
                        "{found}: send visible characters and plain blanks",
                        {"found": found},
                    )
        for line in self.lines:
            words = line.replace(",", " ").casefold().split()
            if " ".join(words) in apart or all(word in apart for word in words):
                raise PydanticCustomError(
                    "address_line_twice",
                    "the line {line} says again what town, post code or country say: leave it out",
                    {"line": repr(line)},
                )
        return self

    def as_address(self) -> Address:
        """The same for a message."""
        return Address(
            town=self.town,
            country=self.country,
            department=self.department,
            sub_department=self.subDepartment,
            street=self.street,
            building_number=self.buildingNumber,
            building_name=self.buildingName,
            floor=self.floor,
            post_box=self.postBox,
            room=self.room,
            post_code=self.postCode,
            town_location=self.townLocation,
            district=self.district,
            region=self.region,
            lines=tuple(self.lines),
        )
