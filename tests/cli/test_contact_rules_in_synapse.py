"""Apply brings the contact rules to Synapse; a client feels them, and the administrator sees it."""

import csv
import json
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from appservice.accounts.identity import ComputedIdentities
from appservice.config.load import load_config
from tests.cli.administrator import Administrator
from tests.ground import AppserviceSlot


def asked(
    slot: AppserviceSlot, method: str, path: str, token: str, body: object
) -> tuple[int, Any]:
    request = urllib.request.Request(
        slot.homeserver_url + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def students_of_two_classes(administrator: Administrator) -> tuple[str, str, str]:
    """The accounts of two classmates and of a student of another class."""
    config = load_config(administrator.config, {})
    with (administrator.folder / "roster" / "memberships.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == "student"]
    with (administrator.folder / "roster" / "classes.csv").open(encoding="utf-8-sig") as file:
        classes = [row["class_id"] for row in csv.DictReader(file)]
    with (administrator.folder / "roster" / "school.yaml").open(encoding="utf-8") as file:
        school = next(line for line in file if line.startswith("id:")).split(":")[1].strip(" \"'\n")
    identities = ComputedIdentities(
        config.accounts, namespace=school, server_name=config.homeserver.server_name
    )
    first, second = (
        [row["person_id"] for row in rows if row["class_or_group_id"] == each]
        for each in classes[:2]
    )
    one, mate, other = (identities.user_id_of(person) for person in (*first[:2], second[0]))
    return one, mate, other


def test_a_student_can_write_to_a_classmate_and_to_nobody_of_another_class(
    at_the_terminal: Administrator, appservice_slot: AppserviceSlot, database: str
) -> None:
    administrator = at_the_terminal
    administrator.has_configured(appservice_slot, database)
    administrator.has_a_roster(classes=2, students=4)
    assert administrator.types("registration", "-g").code == 0
    assert administrator.types("apply").code == 0

    one, mate, other = students_of_two_classes(administrator)
    status, signed_in = asked(
        appservice_slot,
        "POST",
        f"/_synapse/admin/v1/users/{quote(one, safe='')}/login",
        appservice_slot.as_token,
        {},
    )
    assert status == 200

    def invites(whom: str) -> int:
        body = {"is_direct": True, "preset": "trusted_private_chat", "invite": [whom]}
        path = "/_matrix/client/v3/createRoom"
        return asked(appservice_slot, "POST", path, signed_in["access_token"], body)[0]

    assert (invites(mate), invites(other)) == (200, 403)

    checks = administrator.types("doctor", "--json").object["checks"]
    (community,) = (check for check in checks if check["check"] == "community")
    people = administrator.types("status", "--json").object["kept"]["accounts"]
    assert community == {
        "check": "community",
        "verdict": "ok",
        "text": f"version 1, {people} people",
        "advice": "",
    }
    told = what_was_blocked(administrator)
    assert [(each["user_id"], each["times"]) for each in told["attempts"]] == [(one, 1)]
    assert sum(told["counts"].values()) == 1
    (attempt,) = told["attempts"]
    lines = administrator.types("blocked").out.splitlines()
    assert lines[0].endswith(f"{one} → {other}: to make a room (not_a_contact)")
    assert lines[1:] == ["In all: to make a room × 1."]
    nothing = administrator.types("blocked", "--after", str(attempt["id"]))
    assert (nothing.code, nothing.out) == (0, "Nothing was blocked.")


def what_was_blocked(administrator: Administrator) -> Any:
    """Synapse writes it down after it has answered the client."""
    give_up = time.monotonic() + 60
    while True:
        said = administrator.types("blocked", "--json")
        assert (said.code, said.err) == (0, "")
        if said.object["attempts"] or time.monotonic() > give_up:
            return said.object
        time.sleep(0.1)
