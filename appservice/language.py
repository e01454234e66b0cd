"""In which language we speak to a person: message catalogues (GNU gettext, read by Babel).

Message ids are English; `locale/<language>/*.po` hold the translations, one file for each part of
the house. The language belongs to the running task (a context variable), so a bot may answer two
people at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LOCALE_DIR = Path(__file__).parent / "locale"

_language: ContextVar[Language] = ContextVar("language", default="en")


def language_of_environment() -> Language:
    """The language at the terminal: SCHOOL_SPACES_LANGUAGE, else LC_ALL, LC_MESSAGES, LANG."""
    for variable in ("SCHOOL_SPACES_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "ru" if value.lower().startswith("ru") else "en"
    return "en"


def current_language() -> Language:
    return _language.get()


def speak(language: Language) -> None:
    """Speak this language from here on in this task."""
    _language.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak this language inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def _(message: str) -> str:
    """The message in the current language; the English text where no translation stands."""
    return _translations(_language.get()).gettext(message)


def n_(one: str, many: str, count: int) -> str:
    """The message in the plural form that the current language has for `count`."""
    return _translations(_language.get()).ngettext(one, many, count)


def catalogue(language: Language) -> Catalog:
    """Every message of a language, merged from its files."""
    merged = Catalog(locale=language)
    for path in sorted((LOCALE_DIR / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    merged[message.id] = message
    return merged


@cache
def _translations(language: Language) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)
