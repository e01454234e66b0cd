"""Changes laid over a whole delivery, in the order of their names, judged as one."""

from __future__ import annotations

from pathlib import Path

from appservice.school.model import MemberRole, Membership, Person
from appservice.school.problem import Delivery
from tests.school.sources.tiny_deliveries import (
    ONEROSTER_12,
    Files,
    laid_out,
    manifest,
    read,
    tiny,
    told,
    zipped,
)

USERS = ONEROSTER_12["users.csv"].split("\n")[0] + "\n"
ROLES = ONEROSTER_12["roles.csv"].split("\n")[0] + "\n"
ENROLLMENTS = ONEROSTER_12["enrollments.csv"].split("\n")[0] + "\n"
AT = "2026-09-02T08:00:00.000Z"


def delta(**tables: str) -> Files:
    files: Files = {f"{name}.csv": content for name, content in tables.items()}
    return files | {"manifest.csv": manifest("1.2", **dict.fromkeys(tables, "delta"))}


def laid_over(tmp_path: Path, *, archive: bool = False, **deliveries: Files) -> Delivery:
    """The tiny delivery with these laid over it; their names give the order."""
    deltas = tmp_path / "deltas"
    deltas.mkdir()
    for name, files in deliveries.items():
        if archive:
            zipped(files, deltas / f"{name}.zip")
        else:
            laid_out(files, deltas / name)
    base = laid_out(tiny("1.2"), tmp_path / "delivery")
    return read(base, "1.2", deltas=deltas)


def test_a_row_of_a_delta_takes_the_place_of_the_whole_row(tmp_path: Path) -> None:
    change = delta(
        users=USERS + f"t1,active,{AT},true,t1,,Вера,Белова,,,vera@example.org,,,,,,,,,,17,\n"
    )
    delivery = laid_over(tmp_path, monday=change)
    assert told(delivery) == []
    assert delivery.roster is not None
    assert delivery.roster.people["t1"]._replace(row=0) == Person(
        "t1", "Белова", "Вера", email="vera@example.org"
    )


def test_a_row_of_a_delta_is_added_or_deleted(tmp_path: Path) -> None:
    change = delta(
        users=USERS + f"t2,active,{AT},true,t2,,Яна,Белова,,,,,,,,,,,,,17,\n",
        roles=ROLES + f"r9,active,{AT},t2,primary,teacher,,,17,\n",
        enrollments=ENROLLMENTS
        + f"e4,tobedeleted,{AT},alg,17,t1,teacher,true,,\n"
        + f"e9,active,{AT},alg,17,t2,teacher,true,,\n"
        + f"nothing,tobedeleted,{AT},alg,17,t1,teacher,true,,\n",
    )
    delivery = laid_over(tmp_path, monday=change, archive=True)
    assert told(delivery) == []
    assert delivery.roster is not None
    assert [
        one._replace(row=0) for one in delivery.roster.memberships if one.target_id == "alg"
    ] == [
        Membership("s1", "alg", MemberRole.STUDENT),
        Membership("t2", "alg", MemberRole.TEACHER),
    ]


def test_deltas_are_laid_in_the_order_of_their_names(tmp_path: Path) -> None:
    def named(family: str, status: str = "active") -> Files:
        return delta(users=USERS + f"a1,{status},{AT},true,a1,,Яна,{family},,,,,,,,,,,,,17,\n")

    delivery = laid_over(
        tmp_path,
        c=named("Третья"),
        a=named("Первая"),
        b=named("Первая", "tobedeleted"),
    )
    assert told(delivery) == []
    assert delivery.roster is not None
    assert delivery.roster.people["a1"].family_name == "Третья"


def test_a_bulk_table_in_a_later_delivery_replaces_the_table(tmp_path: Path) -> None:
    later: Files = {
        "manifest.csv": manifest("1.2", demographics="bulk"),
        "demographics.csv": "sourcedId,status,dateLastModified,birthDate,sex\ns1,,,2015-03-03,\n",
    }
    delivery = laid_over(tmp_path, monday=later)
    assert told(delivery) == []
    assert delivery.roster is not None
    births = {name: person.birth_date for name, person in delivery.roster.people.items()}
    assert {name: str(day) for name, day in births.items()} == {
        "g1": "None",
        "s1": "2015-03-03",
        "t1": "None",
    }


def test_the_whole_is_judged_and_problems_name_the_delivery_they_stand_in(tmp_path: Path) -> None:
    """Deleting a teacher leaves enrolments and a role behind, which stand in the whole delivery."""
    delivery = laid_over(
        tmp_path,
        monday=delta(users=USERS + f"t1,tobedeleted,{AT},true,t1,,Вера,Орлова,,,,,,,,,,,,,17,\n"),
        tuesday=delta(enrollments=ENROLLMENTS + f"e5,active,{AT},5a,17,x9,teacher,,,\n"),
    )
    message = "{}* stands in no row of users.csv. Correct the id, or add the row."
    assert told(delivery) == [
        ("dangling_ref", "enrollments.csv", 3, "userSourcedId", message.format("t")),
        ("dangling_ref", "enrollments.csv", 5, "userSourcedId", message.format("t")),
        ("dangling_ref", "roles.csv", 4, "userSourcedId", message.format("t")),
        ("dangling_ref", "tuesday/enrollments.csv", 2, "userSourcedId", message.format("x")),
    ]
    assert delivery.roster is None


def test_rules_about_people_name_the_delivery_too(tmp_path: Path) -> None:
    change = delta(
        users=USERS + f"t1,active,{AT},true,t1,,Вера,Орлова,,,petr@example.org,,,,,,,,,,17,\n"
    )
    delivery = laid_over(tmp_path, monday=change)
    assert told(delivery) == [
        (
            "contact_reused",
            "monday/users.csv",
            2,
            "email",
            "The contact p****** already belongs to another person (row 3 (users.csv))."
            " Every person needs a contact of their own: correct it here or there.",
        )
    ]


def test_a_row_of_a_delta_needs_its_status_and_its_time(tmp_path: Path) -> None:
    delivery = laid_over(
        tmp_path,
        monday=delta(
            enrollments=ENROLLMENTS
            + f"f1,,{AT},alg,17,t1,teacher,,,\n"
            + "f2,active,,alg,17,t1,teacher,,,\n"
            + f"f3,inactive,{AT},alg,17,t1,teacher,,,\n"
            + "f4,active,2026-09-02T08:00:00Z,alg,17,t1,teacher,,,\n"
            + "f5,active,2026-02-30T08:00:00.000Z,alg,17,t1,teacher,,,\n"
        ),
    )
    file, empty = "monday/enrollments.csv", "This cell must not be empty. Fill it in."
    assert told(delivery) == [
        ("missing_value", file, 2, "status", empty),
        ("missing_value", file, 3, "dateLastModified", empty),
        (
            "bad_enum",
            file,
            4,
            "status",
            "i*** is not one of: active, tobedeleted. Mind small and capital letters.",
        ),
        (
            "bad_date",
            file,
            5,
            "dateLastModified",
            "2****** is not a time. Write it like 2026-09-01T08:00:00.000Z.",
        ),
        (
            "bad_date",
            file,
            6,
            "dateLastModified",
            "2*** is not a date. Write year-month-day, for example 2026-09-01.",
        ),
    ]


def test_a_delta_with_a_broken_manifest_or_header_stops_everything(tmp_path: Path) -> None:
    wrong = delta(users=USERS.replace("username,userIds", "userIds,username"))
    older = delta(users=USERS)
    older["manifest.csv"] = manifest("1.1", users="delta")
    delivery = laid_over(tmp_path, monday={"users.csv": USERS}, tuesday=older, wednesday=wrong)
    assert delivery.roster is None
    assert [problem[:4] for problem in told(delivery)] == [
        ("missing_file", "monday/manifest.csv", 0, ""),
        ("bad_version", "tuesday/manifest.csv", 0, "oneroster.version"),
    ]


def test_a_delta_whose_columns_stand_in_another_order_stops_everything(tmp_path: Path) -> None:
    wrong = delta(users=USERS.replace("username,userIds", "userIds,username"))
    delivery = laid_over(tmp_path, monday=wrong)
    assert delivery.roster is None
    assert [problem[:4] for problem in told(delivery)] == [
        ("header_order", "monday/users.csv", 1, "userIds")
    ]


def test_a_folder_of_deltas_that_is_not_there_is_told(tmp_path: Path) -> None:
    base = laid_out(tiny("1.2"), tmp_path / "delivery")
    assert told(read(base, "1.2", deltas=tmp_path / "nowhere")) == [
        (
            "missing_file",
            "nowhere",
            0,
            "",
            "The folder of deltas cannot be read. Correct roster: deltas, or remove it.",
        )
    ]
