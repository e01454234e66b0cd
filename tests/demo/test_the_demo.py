"""`school-spaces demo` as a newcomer starts it: a school lives, people sign in, Ctrl-C ends it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from tests.ground import ended

SOURCE = Path(__file__).parents[2]
TAKES_AT_MOST_S = 180
LINK = re.compile(r"http://127\.0\.0\.1:\d+/diary-page/#link=\S+")
ROW = re.compile(r"^ (\S.*?)\s+(@u\S+:school\.localhost)\s+(\S+)\s*$", re.MULTILINE)


class Demo:
    """One start of the demo, watched from outside."""

    def __init__(self, folder: Path) -> None:
        self._out = folder / "printed.txt"
        with self._out.open("w") as out:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "appservice", "demo", "--dir", str(folder / "demo")),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                env={
                    **os.environ,
                    "PYTHONPATH": str(SOURCE),
                    "PYTHONUNBUFFERED": "1",
                    "SCHOOL_SPACES_LANGUAGE": "en",
                    "COLUMNS": "80",
                },
            )

    def lives(self) -> str:
        """What it printed until the school lived."""
        give_up = time.monotonic() + TAKES_AT_MOST_S
        while "Ctrl-C ends everything" not in (printed := self._out.read_text()):
            assert self._process.poll() is None, printed
            assert time.monotonic() < give_up, printed
            time.sleep(0.1)
        return printed

    def parts(self) -> list[psutil.Process]:
        """Everything that it has started."""
        found: list[psutil.Process] = psutil.Process(self._process.pid).children(recursive=True)
        cluster = str(self._out.parent / "demo" / "ru" / "postgres" / "cluster")
        return found + [
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] == "postgres" and process.info["cwd"] == cluster
        ]

    def ctrl_c(self) -> int:
        """Its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=60)


def who_signs_in(printed: str) -> list[tuple[str, str]]:
    """The people of the table who can sign in with what stands there, and as whom."""
    (url,) = re.findall(r"Homeserver: (\S+)", printed)
    found = []
    for who, user, password in ROW.findall(printed):
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password,
        }
        request = urllib.request.Request(
            f"{url}/_matrix/client/v3/login", data=json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["user_id"] == user
        found.append((who, user))
    return found


def title_of_page(link: str) -> str:
    """What somebody who opens a link to the diary page reads at its top."""
    address, secret = link.split("#link=")

    def answer(path: str, body: object, **headers: str) -> str:
        request = urllib.request.Request(
            address + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=30) as found:
            return str(found.read().decode())

    session = json.loads(answer("session", {"link": secret}))["session"]
    page = answer("view", {"view": "today"}, Authorization=f"Bearer {session}")
    return page.partition("<h1>")[2].partition("</h1>")[0]


def test_the_school_lives_ends_with_ctrl_c_and_lives_again_with_the_same_people(
    ground_folder: Path,
) -> None:
    folder = ground_folder / "demo"
    folder.mkdir()
    first = Demo(folder)
    printed = first.lives()
    assert "74 people, 40 rooms" in printed
    people = who_signs_in(printed)
    assert [who for who, _user in people] == [
        "student 6А",
        "guardian 6А",
        "teacher 6А",
        "class teacher 6А",
        "administrator",
    ]
    assert "/diary/v1/events -H 'Authorization: Bearer " in printed
    own, child, *others = [title_of_page(link) for link in LINK.findall(printed)]
    assert (own, own.endswith(", 6А")) == (child, True)
    assert others == ["Школьный дневник", "Класс 6А", "Школьный дневник"]
    started = first.parts()
    assert {part.name() for part in started} >= {"postgres"}
    assert first.ctrl_c() == 0
    assert [part for part in started if not ended(part)] == []

    second = Demo(folder)
    again = second.lives()
    assert "(0 actions now)" in again
    assert who_signs_in(again) == people
    assert second.ctrl_c() == 0
