from __future__ import annotations

from contextlib import ExitStack

from appservice.school.model import Roster
from appservice.school.settings import RosterSettings
from appservice.school.sources.assembling import assembled
from appservice.school.sources.csv_rows import UnreadableTable
from appservice.school.sources.findings import Findings
from appservice.school.sources.layers import Place
from appservice.school.sources.oneroster_agents import read_guardianships
from appservice.school.sources.oneroster_enrollments import (
    read_memberships,
    roles_from_memberships,
    settle_groups,
)
from appservice.school.sources.oneroster_ground import Tables, read_ground
from appservice.school.sources.oneroster_layers import Layer, layers_of
from appservice.school.sources.oneroster_layout import TABLES, Version
from appservice.school.sources.oneroster_people import read_people
from appservice.school.sources.oneroster_tables import LayeredTable
from appservice.school.sources.opening import RosterFiles

_COLUMNS = {
    ("people", "person_id"): "sourcedId",
    ("people", "family_name"): "familyName",
    ("people", "given_name"): "givenName",
    ("people", "patronymic"): "middleName",
    ("people", "birth_date"): "sourcedId",  # it stands in another file
    ("people", "external_ids"): "userIds",
    ("people", "active"): "enabledUser",
    ("classes", "class_id"): "sourcedId",
    ("classes", "label"): "title",
    ("classes", "grade"): "grades",
    ("groups", "group_id"): "sourcedId",
    ("groups", "subject"): "courseSourcedId",
    ("memberships", "person_id"): "userSourcedId",
    ("memberships", "target_id"): "classSourcedId",
    ("memberships", "begin"): "beginDate",
    ("memberships", "end"): "endDate",
    ("guardianships", "student_id"): "sourcedId",
    ("guardianships", "guardian_id"): "agentSourcedIds",
    ("guardianships", "legal"): "agentSourcedIds",
    ("roles", "begin"): "beginDate",
    ("roles", "end"): "endDate",
    ("schools", "school_id"): "sourcedId",
}


def read_oneroster(
    files: RosterFiles, settings: RosterSettings, findings: Findings
) -> tuple[Roster | None, Place]:
    """The roster, None with fatal problems; and how to name the deliveries in problems."""
    places = [""]
    roster = None
    with ExitStack() as opened:
        try:
            layers = layers_of(files, settings.deltas, opened, places, findings)
            roster = None if findings.stopped() else _read(layers, settings, findings)
        except UnreadableTable as error:
            error.report(findings)

    def place(file: str, layer: int, column: str) -> tuple[str, str] | None:
        return (places[layer] + file, column) if layer < len(places) else None

    return roster, place


def _read(layers: list[Layer], settings: RosterSettings, findings: Findings) -> Roster | None:
    version: Version = layers[0].manifest.version
    tables: Tables = {name: LayeredTable(name, version) for name in TABLES}
    for layer in layers:
        for name, table in tables.items():
            if name in layer.manifest.modes:
                table.lay(layer, settings.encoding, findings)
    if findings.stopped():
        return None
    ground = read_ground(tables, settings.school, findings)
    if findings.stopped():
        return None
    profiles = _profiles(layers, settings.encoding)
    found = read_people(tables, profiles, ground, version, findings)
    guardianships = read_guardianships(found, tables["users"].file, findings)
    memberships = read_memberships(tables["enrollments"], ground, found, findings)
    if findings.stopped():
        return None
    settle_groups(ground, memberships)
    users = tables["users"].file
    return assembled(
        schools=ground.schools.values(),
        people=found.people,
        roles=found.roles + roles_from_memberships(ground, found, memberships),
        classes=ground.classes,
        groups=ground.groups,
        memberships=memberships,
        guardianships=guardianships,
        consents=[],
        files={
            "schools": tables["orgs"].file,
            "people": users,
            "roles": users if version == "1.1" else tables["roles"].file,
            "classes": tables["classes"].file,
            "groups": tables["classes"].file,
            "memberships": tables["enrollments"].file,
            "guardianships": users,
        },
        columns=_COLUMNS,
    )


def _profiles(layers: list[Layer], encoding: str) -> set[str] | None:
    """The ids of userProfiles.csv, which nothing else is read of; None where no delivery has it."""
    names: set[str] | None = None
    for layer in layers:
        if layer.manifest.modes.get("userProfiles", "absent") != "absent":
            rows = layer.rows("userProfiles", encoding)
            next(rows, None)
            names = (names or set()) | {cells[0] for _number, cells in rows}
    return names
