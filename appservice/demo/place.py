"""The folder of a demo: its configuration, its roster, and the data of its servers."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Final

from ruamel.yaml import YAML

from appservice.config.load import load_with_secrets
from appservice.config.model import Config
from appservice.config.secret_keys import generate_secrets
from appservice.demo.school_day import BELLS, SOURCE, timetable
from appservice.errors import Refused
from appservice.language import Language, _
from appservice.school.model import Roster
from appservice.school.sample import demo_school, school_year_of, write_native
from appservice.web.diary_page.serving import PREFIX

SERVER_NAME: Final = "school.localhost"
APPSERVICE_ID: Final = "school-spaces"

_CONFIG: Final = """\
# The configuration of the demo: change it and start the demo again. config.example.yaml explains
# every key.
homeserver:
  url: http://127.0.0.1:8008
  server_name: {server_name}
appservice:
  id: {id}
  address: http://127.0.0.1:29380
  port: 29380
  as_token: generate
  hs_token: generate
  registration: synapse/registrations/{id}.yaml
database:
  folder: postgres
roster:
  path: roster
accounts:
  localpart_secret: generate
  initial_passwords:
    mode: generate
    file: passwords.csv
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one demo keeps everything; the school of each language has a folder of its own."""

    folder: Path
    language: Language

    @property
    def config_file(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def synapse(self) -> Path:
        return self.folder / "synapse"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder and hold it. Raises Refused when a demo runs there already."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = os.open(self.folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused(
                _("The folder {folder} cannot be used: {reason}. Name another with --dir.").format(
                    folder=self.folder, reason=error.strerror
                )
            ) from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise Refused(
                _(
                    "The demo in {folder} is running already. End it with Ctrl-C where it was"
                    " started, or name another folder with --dir."
                ).format(folder=self.folder)
            ) from error
        finally:
            os.close(held)

    def prepare(self, *, homeserver_port: int, service_port: int, today: date) -> Config:
        """The configuration with these ports; the first time, with new secrets and a new school."""
        if not (self.folder / "roster").exists():
            school = demo_school(self.language, year=school_year_of(today))
            write_native(school, self.folder / "roster")
            self._write_timetables(school, today)
        if not self.config_file.exists():
            text = _CONFIG.format(server_name=SERVER_NAME, id=APPSERVICE_ID)
            self.config_file.write_text(text, encoding="utf-8")
            generate_secrets(self.config_file, {})
            self.config_file.chmod(0o600)
        yaml = YAML()
        content = yaml.load(self.config_file)
        content["homeserver"]["url"] = f"http://127.0.0.1:{homeserver_port}"
        content["appservice"]["address"] = f"http://127.0.0.1:{service_port}"
        content["appservice"]["port"] = service_port
        content["page"] = {"address": f"http://127.0.0.1:{service_port}{PREFIX}"}
        if "diary" not in content:
            content["diary"] = self._diary()
        yaml.dump(content, self.config_file)
        return load_with_secrets(self.config_file)

    def timetables_arrive(self) -> None:
        """What lay there before the school lived is read at once, and not by the next minute."""
        for file in self._timetables():
            file.touch()

    def _timetables(self) -> list[Path]:
        return sorted((self.folder / "timetable").glob("*.ics"))

    def _write_timetables(self, school: Roster, today: date) -> None:
        folder = self.folder / "timetable"
        folder.mkdir(exist_ok=True)
        monday = today - timedelta(days=today.weekday())
        for class_id in school.classes:
            text = timetable(school, class_id, monday)
            (folder / f"{class_id}.ics").write_text(text, encoding="utf-8", newline="")

    def _diary(self) -> dict[str, object]:
        """No settling and no quiet hours: what is sent is seen at once."""
        diary: dict[str, object] = {
            "sources": {SOURCE: {"token": token_hex(32)}},
            "settle": dict.fromkeys(("grade", "homework", "timetable", "absence", "exam"), 0)
            | dict.fromkeys(("remark", "result", "meeting"), 0),
            "quiet": {"begin": "00:00", "end": "00:00", "weekend": [], "holidays": False},
        }
        files = self._timetables()
        if files:
            diary["pull"] = {
                "lessons": {
                    "kind": "icalendar",
                    "path": "timetable",
                    "timetable": {
                        "bells": list(BELLS),
                        "places": {file.name: file.stem for file in files},
                    },
                }
            }
        return diary
