"""An administrator at a terminal of 80 columns, with a configuration of their own."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from appservice.cli import main
from appservice.school.sample import sample_school, school_year_of, write_native
from tests.ground import AppserviceSlot

_SOURCE = Path(__file__).parents[2]

CONFIG = """\
homeserver:
  url: {url}
  server_name: {server_name}
appservice:
  id: {id}
  address: http://127.0.0.1:{port}
  port: {port}
  bot: {bot}
  as_token: {as_token}
  hs_token: {hs_token}
  registration: registration.yaml
rooms:
  alias_prefix: {id}
database:
  url: {database}
roster:
  path: roster
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """The JSON object it printed."""
        return json.loads(self.out)


class Administrator:
    """Types commands. `folder` holds config.yaml and the roster."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self._capsys = capsys

    def types(self, *words: str) -> Said:
        """A command in this process."""
        self._capsys.readouterr()
        code = main([*words, "--config", str(self.config)])
        out, err = self._capsys.readouterr()
        return Said(code, "\n".join(line.rstrip() for line in out.splitlines()), err)

    def starts(self, *words: str) -> "subprocess.Popen[str]":
        """A command in a process of its own, to be watched or ended."""
        return subprocess.Popen(
            (sys.executable, "-m", "appservice", *words, "--config", str(self.config)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(_SOURCE),
                "SCHOOL_SPACES_LANGUAGE": "en",
                "COLUMNS": "80",
            },
        )

    def has_configured(self, slot: AppserviceSlot, database: str) -> None:
        """config.yaml and the registration that Synapse has."""
        registration = slot.registration
        registration.write(self.folder / "registration.yaml", slot.server_name)
        self.config.write_text(
            CONFIG.format(
                url=slot.homeserver_url,
                server_name=slot.server_name,
                id=slot.id,
                port=slot.port,
                bot=registration.sender_localpart,
                as_token=registration.as_token,
                hs_token=registration.hs_token,
                database=database,
            ),
            encoding="utf-8",
        )

    def has_a_roster(self, *, classes: int = 1, students: int = 3, subjects: int = 2) -> None:
        """An English sample school below the folder."""
        school = sample_school(
            classes=classes,
            students=students,
            subjects=subjects,
            language="en",
            year=school_year_of(date.today()),
        )
        write_native(school, self.folder / "roster")


def without_digests(text: str) -> str:
    """Digests differ from one installation to another: account names are computed with a secret."""
    return re.sub(r"\b[0-9a-f]{12}\b", "<digest>", text)


def ended_by(process: "subprocess.Popen[str]", how: signal.Signals) -> Said:
    """What a started command said when it was ended like this."""
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out, err)
