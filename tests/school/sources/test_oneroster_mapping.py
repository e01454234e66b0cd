"""What OneRoster's words mean in a school."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from appservice.school.model import (
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from tests.school.sources.tiny_deliveries import (
    Change,
    Format,
    both,
    cell,
    laid_out,
    line,
    read,
    swap,
    tiny,
    told,
    whole,
    zipped,
)


def accepted(form: Format, tmp_path: Path, *changes: Change, **settings: object) -> Roster:
    files = tiny(form)
    both(*changes)(files)
    delivery = read(laid_out(files, tmp_path / "delivery"), form, **settings)
    assert told(delivery) == []
    assert delivery.roster is not None
    return delivery.roster


@pytest.mark.parametrize("form", ["1.1", "1.2"])
def test_a_delivery_is_read_whole(form: Format, tmp_path: Path) -> None:
    roster = accepted(form, tmp_path)
    in_1_2 = form == "1.2"
    assert roster.schools == (School("17", "School 17", "Europe/Moscow", "ru", "2026/2027", row=3),)
    assert roster.people == {
        "g1": Person(
            "g1",
            "Иванов",
            "Пётр",
            birth_date=date(1985, 1, 5),
            email="petr@example.org",
            phone="+79990000001",
            external_ids=(("diary", "5"), ("esia", "77")),
            row=3,
        ),
        "s1": Person("s1", "Иванова", "Анна", "Петровна", date(2015, 3, 2), row=2),
        "t1": Person("t1", "Орлова", "Вера", "Ильинична", row=4),
    }
    assert roster.roles == (
        RoleAssignment("g1", "17", Role.GUARDIAN, row=3),
        RoleAssignment("s1", "17", Role.STUDENT, row=2),
        RoleAssignment(
            "t1",
            "17",
            Role.TEACHER,
            date(2020, 9, 1) if in_1_2 else None,
            date(2030, 6, 1) if in_1_2 else None,
            row=4,
        ),
    )
    assert roster.classes == {"5a": SchoolClass("5a", "17", "5А", 5, "2026/2027", row=2)}
    assert roster.groups == {
        "alg": TeachingGroup("alg", "17", ("5a",), "Алгебра", "Алгебра 5А", row=3)
    }
    assert roster.memberships == (
        Membership("s1", "5a", MemberRole.STUDENT, date(2026, 9, 1), date(2027, 6, 1), row=2),
        Membership("s1", "alg", MemberRole.STUDENT, row=4),
        Membership("t1", "5a", MemberRole.CLASS_TEACHER, row=3),
        Membership("t1", "alg", MemberRole.TEACHER, row=5),
    )
    assert roster.guardianships == (Guardianship("s1", "g1", "parent", row=2),)
    assert roster.consents == ()


@pytest.mark.parametrize("form", ["1.1", "1.2"])
def test_a_zip_archive_is_the_same_delivery(form: Format, tmp_path: Path) -> None:
    delivery = read(zipped(tiny(form), tmp_path / "delivery.zip"), form)
    assert delivery.roster == accepted(form, tmp_path)


def test_users_of_1_2_as_some_write_them_with_resources_are_accepted(tmp_path: Path) -> None:
    """`resourceSourcedIds` after userMasterIdentifier."""
    files = tiny("1.2")
    lines = str(files["users.csv"]).rstrip("\n").split("\n")
    lines[0] = lines[0].replace("userMasterIdentifier", "userMasterIdentifier,resourceSourcedIds")
    for row, text in enumerate(lines[1:], 1):
        before, *after = text.rsplit(",", 5)  # preferred names, organisation, pronouns
        lines[row] = ",".join([before, "res1", *after])
    files["users.csv"] = "\n".join(lines) + "\n"
    delivery = read(laid_out(files, tmp_path / "wild"), "1.2")
    assert told(delivery) == []
    assert delivery.roster == accepted("1.2", tmp_path)


def test_demographics_of_1_1_as_some_write_them_are_accepted(tmp_path: Path) -> None:
    wild = whole(
        "demographics.csv",
        "userSourcedId,status,dateLastModified,birthdate,sex\ns1,,,2015-03-02,\ng1,,,1985-01-05,\n",
    )
    roster = accepted("1.1", tmp_path, wild)
    assert [person.birth_date for person in roster.people.values()] == [
        date(1985, 1, 5),
        date(2015, 3, 2),
        None,
    ]


def test_a_department_of_a_school_belongs_to_the_school(tmp_path: Path) -> None:
    roster = accepted(
        "1.2",
        tmp_path,
        line("orgs.csv", "dep,,,Languages,department,,17"),
        cell("roles.csv", 4, "orgSourcedId", "dep"),
        cell("classes.csv", 3, "schoolSourcedId", "dep"),
    )
    assert [role.school_id for role in roster.roles] == ["17", "17", "17"]
    assert roster.groups["alg"].school_id == "17"


def test_every_school_of_a_delivery_becomes_one(tmp_path: Path) -> None:
    roster = accepted(
        "1.2",
        tmp_path,
        line("orgs.csv", "18,,,School 18,school,,d1"),
        line("academicSessions.csv", "y26,,,2025/26,schoolYear,2025-09-01,2026-06-01,,2026"),
        cell("classes.csv", 3, "schoolSourcedId", "18"),
        cell("classes.csv", 3, "termSourcedIds", "y26"),
        school={"id": "18", "name": "Lyceum", "time_zone": "Asia/Omsk", "locale": "en"},
    )
    assert roster.schools == (
        School("17", "School 17", "Europe/Moscow", "ru", "2026/2027", row=3),
        School("18", "Lyceum", "Asia/Omsk", "en", "2025/2026", row=4),
    )
    assert roster.groups["alg"].class_ids == ()  # the class of its students is another school's


def test_settings_without_an_id_hold_for_the_only_school(tmp_path: Path) -> None:
    roster = accepted("1.1", tmp_path, school={"name": "Our school", "time_zone": "Asia/Omsk"})
    assert roster.schools == (School("17", "Our school", "Asia/Omsk", "ru", "2026/2027", row=3),)


@pytest.mark.parametrize(
    ("form", "word", "role"),
    [
        ("1.1", "administrator", Role.SCHOOL_ADMIN),
        ("1.1", "aide", Role.STAFF),
        ("1.1", "proctor", Role.STAFF),
        ("1.2", "principal", Role.SCHOOL_ADMIN),
        ("1.2", "siteAdministrator", Role.SCHOOL_ADMIN),
        ("1.2", "systemAdministrator", Role.STAFF),
        ("1.2", "counselor", Role.STAFF),
        ("1.2", "aide", Role.STAFF),
        ("1.2", "proctor", Role.STAFF),
        ("1.2", "teacher", Role.TEACHER),
        ("1.2", "districtAdministrator", Role.OBSERVER),
    ],
)
def test_each_role_word_has_its_meaning(
    form: Format, word: str, role: Role, tmp_path: Path
) -> None:
    if form == "1.1":
        change = line("users.csv", f"a1,,,true,17,{word},a1,,Яна,Белова,,,,,,,,")
    else:
        change = both(
            line("users.csv", "a1,,,true,a1,,Яна,Белова,,,,,,,,,,,,,,"),
            line("roles.csv", f"r9,,,a1,primary,{word},,,17,"),
        )
    roster = accepted(form, tmp_path, change)
    assert [one.role for one in roster.roles if one.person_id == "a1"] == [role]


def test_who_administers_a_district_administers_none_of_its_schools(tmp_path: Path) -> None:
    roster = accepted(
        "1.2",
        tmp_path,
        line("users.csv", "a1,,,true,a1,,Яна,Белова,,,,,,,,,,,,,,"),
        line("roles.csv", "r9,,,a1,primary,siteAdministrator,,,d1,"),
    )
    assert [role for role in roster.roles if role.person_id == "a1"] == []


def test_a_teacher_of_the_district_is_a_teacher_where_their_classes_are(tmp_path: Path) -> None:
    roster = accepted("1.2", tmp_path, cell("roles.csv", 4, "orgSourcedId", "d1"))
    assert [role for role in roster.roles if role.person_id == "t1"] == [
        RoleAssignment("t1", "17", Role.TEACHER)
    ]


def test_a_teacher_may_be_a_parent_too(tmp_path: Path) -> None:
    roster = accepted(
        "1.2",
        tmp_path,
        swap("users.csv", ",,,,,g1,05", ',,,,,"g1,t1",05'),
        cell("users.csv", 4, "agentSourcedIds", "s1"),
        line("roles.csv", "r9,,,t1,secondary,parent,,,17,"),
    )
    assert roster.guardianships == (
        Guardianship("s1", "g1", "parent", row=2),
        Guardianship("s1", "t1", "parent", row=2),
    )
    assert [role.role for role in roster.roles if role.person_id == "t1"] == [
        Role.GUARDIAN,
        Role.TEACHER,
    ]


def test_a_relative_is_no_legal_guardian(tmp_path: Path) -> None:
    files = tiny("1.2")
    cell("roles.csv", 3, "role", "relative")(files)
    delivery = read(laid_out(files, tmp_path / "delivery"), "1.2")
    assert [problem.code for problem in delivery.problems] == ["restricted_guardian"]
    assert delivery.roster is not None
    assert delivery.roster.guardianships == (
        Guardianship("s1", "g1", "relative", legal=False, row=2),
    )


def test_only_a_primary_teacher_of_a_homeroom_is_its_class_teacher(tmp_path: Path) -> None:
    roster = accepted(
        "1.1",
        tmp_path,
        line("users.csv", "t2,,,true,17,teacher,t2,,Яна,Белова,,,,,,,,"),
        line("enrollments.csv", "e5,,,5a,17,t2,teacher,false,,"),
        line("enrollments.csv", "e6,,,alg,17,s1,student,true,,"),
    )
    assert [
        (one.person_id, one.target_id, one.role)
        for one in roster.memberships
        if one.person_id != "s1"
    ] == [
        ("t1", "5a", MemberRole.CLASS_TEACHER),
        ("t1", "alg", MemberRole.TEACHER),
        ("t2", "5a", MemberRole.TEACHER),
    ]


def test_one_primary_teacher_may_follow_another(tmp_path: Path) -> None:
    roster = accepted(
        "1.1",
        tmp_path,
        line("users.csv", "t2,,,true,17,teacher,t2,,Яна,Белова,,,,,,,,"),
        cell("enrollments.csv", 3, "endDate", "2026-12-31"),
        line("enrollments.csv", "e5,,,5a,17,t2,teacher,true,2026-12-31,"),
    )
    assert [
        (one.person_id, one.begin, one.end)
        for one in roster.memberships
        if one.role is MemberRole.CLASS_TEACHER
    ] == [("t1", None, date(2026, 12, 31)), ("t2", date(2026, 12, 31), None)]


_SECOND_CLASS = both(
    line("classes.csv", "5b,,,5Б,05,c0,,homeroom,,17,y27,,,"),
    line("users.csv", "s2,,,true,17,student,s2,,Олег,Ким,,,,,,g1,05,"),
    swap("users.csv", "+79990000001,,s1,,", '+79990000001,,"s1,s2",,'),
    line("users.csv", "t2,,,true,17,teacher,t2,,Яна,Белова,,,,,,,,"),
    line("enrollments.csv", "f1,,,5b,17,s2,student,,,"),
    line("enrollments.csv", "f2,,,5b,17,t2,teacher,true,,"),
)


def test_a_group_with_students_of_two_classes_is_a_group_of_both(tmp_path: Path) -> None:
    roster = accepted(
        "1.1", tmp_path, _SECOND_CLASS, line("enrollments.csv", "f3,,,alg,17,s2,student,,,")
    )
    assert roster.groups["alg"].class_ids == ("5a", "5b")


def test_a_mixed_group_is_of_the_classes_its_students_are_in_now(tmp_path: Path) -> None:
    """s1 has left 5В, in which nobody of the group is any more."""
    roster = accepted(
        "1.1",
        tmp_path,
        _SECOND_CLASS,
        line("classes.csv", "5c,,,5В,05,c0,,homeroom,,17,y27,,,"),
        line("enrollments.csv", "g1,,,5c,17,t2,teacher,true,,"),
        line("enrollments.csv", "g2,,,5c,17,s1,student,,2026-01-01,2026-09-01"),
        line("enrollments.csv", "f3,,,alg,17,s2,student,,,"),
    )
    assert roster.groups["alg"].class_ids == ("5a", "5b")


def test_a_group_stays_with_its_class_when_a_student_moves_away(tmp_path: Path) -> None:
    """s1 leaves 5Б for 5А; the algebra of 5Б, which both attended, still belongs to 5Б."""
    roster = accepted(
        "1.1",
        tmp_path,
        _SECOND_CLASS,
        line("enrollments.csv", "f3,,,5b,17,s1,student,,2026-01-01,2026-09-01"),
        line("enrollments.csv", "f4,,,alg,17,s2,student,,,"),
    )
    assert roster.groups["alg"].class_ids == ("5b",)


def test_what_shares_the_course_of_the_homerooms_is_a_club(tmp_path: Path) -> None:
    roster = accepted(
        "1.1",
        tmp_path,
        line("classes.csv", "chess,,,Шахматы,,c0,,scheduled,,17,y27,,,"),
        line("enrollments.csv", "e5,,,chess,17,s1,student,,,"),
    )
    assert roster.groups["chess"] == TeachingGroup("chess", "17", ("5a",), "", "Шахматы", row=4)


def test_a_user_who_is_not_enabled_is_not_active(tmp_path: Path) -> None:
    roster = accepted(
        "1.1", tmp_path, line("users.csv", "a1,,,false,17,aide,a1,,Яна,Белова,,,,,,,,")
    )
    assert not roster.people["a1"].active
    assert roster.people["t1"].active


def test_rows_of_a_bulk_file_marked_as_deleted_are_left_out_with_a_warning(tmp_path: Path) -> None:
    files = tiny("1.1")
    line("users.csv", "a1,inactive,2026-09-01,true,17,aide,a1,,Яна,Белова,,,,,,,,")(files)
    delivery = read(laid_out(files, tmp_path / "delivery"), "1.1")
    assert delivery.counts == {"filled_status_in_bulk": 1}
    assert delivery.roster is not None
    assert sorted(delivery.roster.people) == ["g1", "s1", "t1"]


@pytest.mark.parametrize("form", ["1.1", "1.2"])
def test_passwords_are_never_read(form: Format, tmp_path: Path) -> None:
    files = tiny(form)
    assert "secret" in str(files["users.csv"])
    delivery = read(laid_out(files, tmp_path / "delivery"), form)
    assert "secret" not in repr(delivery)
