"""What is drawn can be read by everybody, and nothing in it comes from elsewhere."""

import re
from itertools import product

import pytest

from appservice.web.diary_page.drawing import LOOK

STYLE = (LOOK / "page.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r"\{([^{}]*--ground:[^{}]*)\}", STYLE)[:2]
)
PAIRS = (
    *product(("ink", "faint"), ("ground", "paper")),
    *product(("own",), ("ground", "paper")),
    ("on-own", "own"),
    ("ink", "own-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("good", "good-soft"),
)


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(colours: dict[str, str]) -> None:
    too_faint = {}
    for text, ground in PAIRS:
        brighter, darker = sorted(map(luminance, (colours[text], colours[ground])), reverse=True)
        contrast = (brighter + 0.05) / (darker + 0.05)
        if contrast < 4.5:
            too_faint[text, ground] = contrast
    assert too_faint == {}


def test_the_dark_colours_are_the_same_whoever_asks_for_them() -> None:
    blocks = re.findall(r"\{([^{}]*--ground: #12[^{}]*)\}", STYLE)
    assert len(blocks) == 2
    assert (
        len({" ".join(block.replace("color-scheme: dark;", "").split()) for block in blocks}) == 1
    )


def test_nothing_is_loaded_from_elsewhere() -> None:
    found = [
        path.name
        for path in LOOK.iterdir()
        if re.search(r"https?://|//[a-z]|@import|url\(", path.read_text(encoding="utf-8"))
        and not path.name.endswith(".js")
    ]
    assert found == []
