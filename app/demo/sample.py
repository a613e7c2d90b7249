"""A sample with the dates and the numbers that a run needs.

`python3 -m app.demo.sample FILE OLD=NEW …` writes the file to standard output with each OLD
replaced. Where OLD and NEW are dates, every date of the file moves by as many days, whether OLD is
one of them or not. It needs nothing beyond Python, as `app.demo.invoice`.
"""

from __future__ import annotations

import datetime
import re
import sys
from pathlib import Path

_DATE = re.compile(r"(?<![0-9A-Za-z-])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?![0-9-])")


class SampleInvalid(ValueError):
    """The file does not hold what is to be replaced; the message says what."""


def filled_in(text: str, changes: dict[str, str]) -> str:
    """The text with each key replaced by its value, in the order given.

    Raises:
        SampleInvalid: a key is not in the text, or a date is to become something else.
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
    def move(found: re.Match[str]) -> str:
        try:
            day = datetime.date(*map(int, found.groups())) + by
        except ValueError:
            return found[0]
        return day.isoformat() if "-" in found[0] else day.strftime("%Y%m%d")

    return _DATE.sub(move, text)


def main(words: list[str]) -> int:
    """Writes the sample; 2 and one line where the words do not fit."""
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
