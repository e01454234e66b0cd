"""Everything that names the oldest Synapse names the same one."""

import re
from pathlib import Path

import pytest

from appservice.doctor.judge_synapse import OLDEST_SYNAPSE

ROOT = Path(__file__).parents[1]
PROMISE = re.compile(r"Synapse\s+([\d.]*\d)\s+(?:or newer|или новее)")


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "README.ru.md",
        *(
            f"docs/{folder}{name}"
            for folder in ("", "ru/")
            for name in ("install.md", "synapse-module.md")
        ),
    ],
)
def test_a_document_promises_the_synapse_that_the_doctor_asks_for(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert PROMISE.findall(text) == [OLDEST_SYNAPSE]


def test_the_promised_synapse_is_the_one_that_the_tests_install() -> None:
    lock = (ROOT / "requirements" / "oldest-synapse.lock").read_text(encoding="utf-8")
    assert re.findall(r"^matrix-synapse==(\S+)", lock, re.MULTILINE) == [OLDEST_SYNAPSE]
