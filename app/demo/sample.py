"""A sample file with the dates and the numbers that a run needs.

`python3 -m app.demo.sample FILE OLD=NEW …` writes the file to standard output with each OLD
replaced. If OLD and NEW are dates, every date in the file moves by the same number of days, whether
or not OLD is one of them. It needs only Python, like `app.demo.invoice`.
"""

from __future__ import annotations

import datetime
import re
import sys
from pathlib import Path

_DATE = re.compile(r"(?<![0-9A-Za-z-])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?![0-9-])")


class SampleInvalid(ValueError):
    """The file does not have the text to replace; the message says which."""


def filled_in(text: str, changes: dict[str, str]) -> str:
    """The text with each key replaced by its value, in the given order.

    Raises:
        SampleInvalid: a key is not in the text, or a date has a new value that is not a date.
    """
    for old, new in changes.items():
        first, last = _day(old), _day(new)
        if first is None and old not in text:
            raise SampleInvalid(f"the sample does not hold {old!r}")
        if first is None:
            text = text.replace(old, new)
        elif last is None:
            raise SampleInvalid(f"{old} is a date: give another one, not {new!r}")
        else:
            text = _moved(text, last - first)
    return text


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if len(text) == len("2026-03-01") else None
    except ValueError:
        return None


def _moved(text: str, by: datetime.timedelta) -> str:
    def move(match: re.Match[str]) -> str:
        try:
            day = datetime.date(*map(int, match.groups())) + by
        except ValueError:
            return match[0]
        return day.isoformat() if "-" in match[0] else day.strftime("%Y%m%d")

    return _DATE.sub(move, text)


def main(words: list[str]) -> int:
    """Writes the sample; 2 and one line for invalid arguments."""
    if not words or not all("=" in word for word in words[1:]):
        print("give FILE OLD=NEW …", file=sys.stderr)
        return 2
    try:
        text = Path(words[0]).read_text(encoding="utf-8")
        changes = dict(word.partition("=")[::2] for word in words[1:])
        sys.stdout.write(filled_in(text, changes))
    except (OSError, SampleInvalid) as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
