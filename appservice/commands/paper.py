"""What an answer is made of, and how it looks: as plain text and as HTML, on a phone. Pure.

Short lines and lists, no tables. Between back quotes stands what is to be copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, assert_never

from appservice.commands.spoken import spoken

LONG_LINES: Final = 14
"""An answer of more lines goes into a thread."""

PAGE_CHARACTERS: Final = 8000
"""Of plain text in one message: far below the 64 KiB of an event, HTML and all."""

_COPIED: Final = re.compile(r"`([^`\n]+)`")
_LONGEST_LINE: Final = 1500


@dataclass(frozen=True, slots=True)
class Title:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]
    numbered: bool = False


Block = Title | Paragraph | Bullets


@dataclass(frozen=True, slots=True)
class Answer:
    """`calls`: it is said so that people are notified of it. `waits`: it may be replied to."""

    blocks: tuple[Block, ...]
    calls: bool = False
    waits: bool = False

    @property
    def is_long(self) -> bool:
        return sum(_lines(block) for block in self.blocks) > LONG_LINES


def _lines(block: Block) -> int:
    texts = block.items if isinstance(block, Bullets) else (block.text,)
    return sum(text.count("\n") + 1 for text in texts)


@dataclass(frozen=True, slots=True)
class Page:
    """One message."""

    plain: str
    html: str


def said(*texts: str) -> Answer:
    """An answer of a few sentences."""
    return Answer(tuple(Paragraph(text) for text in texts))


def listing(title: str, items: Iterable[str], *after: str) -> Answer:
    """A title, a list, and sentences below it."""
    return Answer((Title(title), Bullets(tuple(items)), *(Paragraph(text) for text in after)))


def pages(answer: Answer) -> tuple[Page, ...]:
    """The messages of an answer, in their order; at least one."""
    made: list[list[Block]] = [[]]
    size = 0
    for block in _portions(map(_spoken, answer.blocks)):
        length = len(_plain(block))
        if made[-1] and size + length > PAGE_CHARACTERS:
            made.append([])
            size = 0
        made[-1].append(block)
        size += length
    return tuple(Page(_plain_page(blocks), _html_page(blocks)) for blocks in made)


def _spoken(block: Block) -> Block:
    match block:
        case Title(text):
            return Title(spoken(text))
        case Paragraph(text):
            return Paragraph(spoken(text))
        case Bullets(items, numbered):
            return Bullets(tuple(map(spoken, items)), numbered)
        case _:
            assert_never(block)


def _portions(blocks: Iterable[Block]) -> Iterator[Block]:
    """Lists cut where they would not fit on a page; a list that goes on keeps no numbers."""
    for block in blocks:
        if not isinstance(block, Bullets) or block.numbered:
            yield block
            continue
        part: list[str] = []
        size = 0
        for item in block.items:
            if part and size + len(item) > PAGE_CHARACTERS // 2:
                yield Bullets(tuple(part))
                part, size = [], 0
            part.append(item)
            size += min(len(item), _LONGEST_LINE)
        yield Bullets(tuple(part))


def _plain_page(blocks: Sequence[Block]) -> str:
    return "\n".join(text for block in blocks if (text := _plain(block)))


def _html_page(blocks: Sequence[Block]) -> str:
    return "".join(_html(block) for block in blocks)


def _plain(block: Block) -> str:
    match block:
        case Title(text) | Paragraph(text):
            return _shortened(text)
        case Bullets(items, numbered):
            return "\n".join(
                f"{f'{number}.' if numbered else '•'} {_shortened(item)}"
                for number, item in enumerate(items, start=1)
            )
        case _:
            assert_never(block)


def _html(block: Block) -> str:
    match block:
        case Title(text):
            return f"<p><strong>{_marked(text)}</strong></p>"
        case Paragraph(text):
            return f"<p>{_marked(text)}</p>"
        case Bullets((), _numbered):
            return ""
        case Bullets(items, numbered):
            tag = "ol" if numbered else "ul"
            return f"<{tag}>{''.join(f'<li>{_marked(item)}</li>' for item in items)}</{tag}>"
        case _:
            assert_never(block)


def _marked(text: str) -> str:
    whole = escape(_shortened(text), quote=False)
    return _COPIED.sub(r"<code>\1</code>", whole).replace("\n", "<br>")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"
