"""Whatever a delivery holds: the order of rows means nothing, and nothing ends in a traceback."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appservice.school.model import Roster
from appservice.school.problem import Delivery, Severity
from appservice.school.sample import demo_school, write_native, write_oneroster
from tests.school.sources.tiny_deliveries import TINY, Files, Format, laid_out, read, tiny, zipped

FORMS = st.sampled_from(["native", "1.1", "1.2"])


def _demo(form: Format) -> Files:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "school"
        if form == "native":
            write_native(demo_school(), folder)
        else:
            write_oneroster(demo_school(), folder, form)
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


DEMO: dict[Format, Files] = {form: _demo(form) for form in TINY}


def _read(files: Files, form: Format, **more: object) -> Delivery:
    with tempfile.TemporaryDirectory() as place:
        return read(laid_out(files, Path(place) / "delivery"), form, **more)


def _without_rows(roster: Roster | None) -> object:
    assert roster is not None
    return (
        [one._replace(row=0) for one in roster.schools],
        [(name, one._replace(row=0)) for name, one in roster.people.items()],
        [one._replace(row=0) for one in roster.roles],
        [(name, one._replace(row=0)) for name, one in roster.classes.items()],
        [(name, one._replace(row=0)) for name, one in roster.groups.items()],
        [one._replace(row=0) for one in roster.memberships],
        [one._replace(row=0) for one in roster.guardianships],
        [one._replace(row=0) for one in roster.consents],
        roster.files,
        roster.columns,
    )


ROSTERS = {form: _without_rows(_read(files, form).roster) for form, files in DEMO.items()}


@settings(max_examples=20, deadline=None)
@given(form=FORMS, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_means_nothing(form: Format, random: object) -> None:
    shuffle = random.shuffle  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    files = dict(DEMO[form])
    for name, content in files.items():
        if name not in ("school.yaml", "manifest.csv"):
            assert isinstance(content, bytes)
            header, *rows = content.splitlines(keepends=True)
            shuffle(rows)
            files[name] = header + b"".join(rows)
    assert _without_rows(_read(files, form).roster) == ROSTERS[form]


@settings(max_examples=150, deadline=None)
@given(
    form=FORMS,
    data=st.data(),
    junk=st.one_of(
        st.binary(max_size=8),
        st.sampled_from([b'"', b"\0", b"\n", b",", b";", b"\r", b"\xff", "\u202e".encode(), b"="]),
    ),
)
def test_a_damaged_file_is_judged_and_never_a_crash(
    form: Format, data: st.DataObject, junk: bytes
) -> None:
    files = tiny(form)
    name = data.draw(st.sampled_from(sorted(files)))
    content = str(files[name]).encode()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    files[name] = content[:start] + junk + content[end:]
    delivery = _read(files, form)
    severe = {problem.severity for problem in delivery.problems} - {Severity.WARNING}
    assert (delivery.roster is None) == bool(severe)
    assert sum(delivery.counts.values()) == len(delivery.problems)


@settings(max_examples=100, deadline=None)
@given(form=FORMS, data=st.data(), junk=st.binary(max_size=8))
def test_a_damaged_archive_is_judged_and_never_a_crash(
    form: Format, data: st.DataObject, junk: bytes
) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = zipped(tiny(form), Path(place) / "delivery.zip")
        content = path.read_bytes()
        start = data.draw(st.integers(0, len(content)))
        path.write_bytes(content[:start] + junk + content[start + len(junk) :])
        delivery = read(path, form)
    severe = {problem.severity for problem in delivery.problems} - {Severity.WARNING}
    assert (delivery.roster is None) == bool(severe)


@pytest.mark.parametrize("form", TINY)
def test_problems_beyond_two_hundred_of_a_code_are_counted_and_not_listed(form: Format) -> None:
    files = tiny(form)
    name = "roles.csv" if form == "native" else "enrollments.csv"
    files[name] = str(files[name]) + "x\n" * 250
    delivery = _read(files, form)
    assert delivery.counts == {"row_width": 250}
    assert len(delivery.problems) == 200


@pytest.mark.parametrize("form", TINY)
def test_the_tiny_delivery_that_others_change_is_valid(form: Format) -> None:
    delivery = _read(tiny(form), form)
    assert delivery.problems == ()
    assert delivery.counts == {}
    assert delivery.held == frozenset()
    assert delivery.roster is not None
