"""The texts of pages and files are complete in every language."""

from __future__ import annotations

from string import Formatter

import pytest

from app.pages.languages import ENGLISH, LANGUAGES, catalogue, together
from scripts.answer_texts import unmarked
from scripts.page_texts import catalogue_files, extracted, path_of, written

OTHERS = [language for language in LANGUAGES if language != ENGLISH]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_are_complete_and_have_the_placeholders_of_the_english_text(
    language: str,
) -> None:
    faults: list[str] = []
    translations: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for file in catalogue_files(language):
        for message in catalogue(file):
            if not message.id:
                continue
            texts, forms = together(message.id), together(message.string)
            where = f"{file.name}: {texts[0]!r}"
            if not all(forms):
                faults.append(f"{where} has no translation")
            if message.fuzzy:
                faults.append(f"{where} is fuzzy")
            expected = placeholders(texts[-1])
            faults += [
                f"{where} has other placeholders: {form!r}"
                for form in forms
                if form and placeholders(form) != expected
            ]
            known = translations.setdefault((message.context, texts[0]), forms)
            if known != forms:
                faults.append(f"{where} is translated in two ways: use ct with a context")
    assert not faults, "\n".join(faults)


def test_words_and_values_of_problems_are_apart() -> None:
    assert not list(unmarked()), "say(template, name=value) keeps the template for the catalogue"


@pytest.mark.parametrize("language", OTHERS)
def test_catalogues_have_the_texts_of_the_pages_and_no_others(language: str) -> None:
    areas = extracted()
    for area, texts in areas.items():
        file = path_of(language, area)
        assert file.exists(), f"run python -m scripts.page_texts: {area}.po is missing"
        assert file.read_text() == written(language, area, texts), (
            f"run python -m scripts.page_texts: {area}.po has other texts than the code"
        )
    assert {file.stem for file in catalogue_files(language)} == set(areas)
