"""What bodies with signatures share."""

from __future__ import annotations

SIGNATURE = r"^0x[0-9a-fA-F]{130}$"
