"""The log of a whole story, with everything said that can be said, names nobody."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from appservice.logs import Form, write_log
from appservice.school.model import Roster
from appservice.service.running import running_service
from tests.service.deployment import DeploymentOnTrial, is_ready, until, variant


@pytest.fixture
def root_logger() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("appservice")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])


def personal(roster: Roster) -> set[str]:
    """Everything of a person that nobody needs to know who reads the log."""
    found: set[str] = set()
    for person in roster.people.values():
        names = (person.family_name, person.given_name, person.patronymic)
        found |= {*names, person.email, person.phone}
    return {text for text in found if len(text) > 2}


async def test_a_day_of_changes_mistakes_and_refusals_leaves_no_name_in_the_log(
    deployment: DeploymentOnTrial, root_logger: None
) -> None:
    log = io.StringIO()
    write_log("debug", "json", log)
    await deployment.stands(variant(0))
    async with running_service(deployment.config()):
        await is_ready(deployment.slot.port)
        deployment.receives(variant(1))
        await deployment.is_in_line()
        people = deployment.folder / "roster" / "people.csv"
        header, first, *rest = people.read_text(encoding="utf-8").splitlines()
        people.write_text("\n".join([header, first, first, *rest]) + "\n", encoding="utf-8")

        async def told() -> bool:
            return "Sync: broken." in log.getvalue()

        await until(told)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert {"time", "level", "logger", "message"} <= lines[0].keys()
    assert {line["message"] for line in lines} >= {"Sync: applied.", "Sync: broken."}
    assert {text for text in personal(variant(0)) if text in log.getvalue()} == set()


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        ("plain", ["WARNING appservice.x: left", "DEBUG appservice.x: right"]),
        ("json", ["left", "right"]),
    ],
)
def test_the_log_is_lines_or_objects_and_libraries_are_held_back(
    form: Form, lines: list[str], root_logger: None
) -> None:
    log = io.StringIO()
    write_log("debug", form, log)
    logging.getLogger("appservice.x").warning("left")
    logging.getLogger("appservice.x").debug("right")
    logging.getLogger("library").debug("the body of a request")
    written = log.getvalue().splitlines()
    if form == "json":
        assert [json.loads(line)["message"] for line in written] == lines
    else:
        assert [line.split(" ", 2)[2] for line in written] == lines
