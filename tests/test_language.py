"""Everything that people read exists in Russian and in English."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from appservice.language import LOCALE_DIR, catalogue

PACKAGE = LOCALE_DIR.parent
KEYWORDS = {"_": None, "n_": (1, 2), "help_text": None}
CATALOGUES = sorted(LOCALE_DIR.glob("*/*.po"))


@cache
def said() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Where each message of the source stands, and its English forms."""
    return tuple(_said())


def _said() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted((*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"))):
        language = "python" if path.suffix == ".py" else "jinja2"
        for line, message, _comments, _context in extract_from_file(
            language, str(path), keywords=KEYWORDS
        ):
            forms = (message,) if isinstance(message, str) else tuple(message)
            yield f"{path.relative_to(PACKAGE)}:{line}", forms


def placeholders(text: str) -> set[str]:
    return {field for _literal, field, _spec, _conversion in Formatter().parse(text) if field}


def test_every_message_has_a_russian_translation() -> None:
    russian = catalogue("ru")
    missing = []
    for where, forms in said():
        found = russian.get(forms[0])
        strings = _forms(found.string) if found else ()
        if len(strings) != (1 if len(forms) == 1 else 3) or not all(strings):
            missing.append(f"{where}: {forms[0]}")
    assert missing == []


def test_every_translation_fills_the_same_blanks() -> None:
    different = []
    for path, message in translations():
        wanted = placeholders(_forms(message.id)[-1])
        for text in _forms(message.string):
            # "one class" may be said without its number.
            if placeholders(text) - {"count"} != wanted - {"count"}:
                different.append(f"{path.name}: {text}")
    assert different == []


def test_no_translation_is_left_of_a_message_that_is_gone() -> None:
    spoken = {forms[0] for _where, forms in said()}
    assert [
        f"{path.name}: {message.id}"
        for path, message in translations()
        if _forms(message.id)[0] not in spoken
    ] == []


def test_what_two_catalogues_translate_they_translate_alike() -> None:
    places: dict[str, set[tuple[str, ...]]] = {}
    for _path, message in translations():
        places.setdefault(_forms(message.id)[0], set()).add(_forms(message.string))
    assert {text: found for text, found in places.items() if len(found) > 1} == {}


def translations() -> Iterator[tuple[Path, Message]]:
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    yield path, message


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    if text is None:
        return ()
    return (text,) if isinstance(text, str) else tuple(text)
