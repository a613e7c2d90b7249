"""JSON, as requests, answers and files carry it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
