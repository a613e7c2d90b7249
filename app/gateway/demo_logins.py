"""The logins that the embedded demo hands to its application; any other application has none."""

from __future__ import annotations

import msgspec


class DemoLogin(msgspec.Struct, frozen=True):
    """One login of the demo. Its text never shows the key.

    Attributes:
        name: the short name in the demo, for example `second-bank`.
        legal_name: of the party; of an official, what it is.
        roles: those of the API key.
        api_key: opens the gateway as this party.
    """

    name: str
    legal_name: str
    roles: tuple[str, ...]
    api_key: str

    def __repr__(self) -> str:
        return (
            f"DemoLogin(name={self.name!r}, legal_name={self.legal_name!r}, roles={self.roles!r})"
        )
