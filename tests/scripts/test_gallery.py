"""The gallery's page and its pictures belong together, and stay small."""

from __future__ import annotations

from scripts.gallery import FOLDER, MAX_BYTES, PAGE, file_of, looks_of, page_text
from scripts.gallery_shots import SHOTS


def test_page_shows_each_picture_that_there_is() -> None:
    assert PAGE.read_text() == page_text()
    shown = {file_of(shot, look) for shot in SHOTS for look in looks_of(shot)}
    assert {file.name for file in FOLDER.iterdir()} == shown


def test_pictures_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MAX_BYTES


def test_names_differ() -> None:
    assert len({shot.name for shot in SHOTS}) == len(SHOTS)
