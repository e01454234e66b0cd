"""school.yaml: which school a native folder speaks of."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from appservice.language import LANGUAGES, _
from appservice.school.model import School
from appservice.school.settings import SchoolSettings
from appservice.school.sources.cells import NAME, NATIVE_ID, TEXT, TIME_ZONE, BadValue, Kind, words
from appservice.school.sources.findings import Findings
from appservice.school.sources.native_layout import SCHOOL_FILE
from appservice.school.sources.opening import RosterFiles

_MAX_SIZE = 1 << 12  # bytes: five lines and whatever is said about them


_KEYS: Mapping[str, Kind] = {
    "id": NATIVE_ID,
    "name": NAME,
    "time_zone": TIME_ZONE,
    "locale": words(LANGUAGES),
    "year": TEXT,
}
_NEEDED = ("id", "name")


def school_of_settings(settings: SchoolSettings) -> School:
    defaults = School("", "")
    return School(
        settings.id,
        settings.name or settings.id,
        settings.time_zone or defaults.time_zone,
        settings.locale or defaults.language,
        settings.year,
    )


def read_school(files: RosterFiles, findings: Findings) -> School | None:
    content = _mapping(files, findings)
    if content is None:
        return None
    values: dict[str, str] = {}
    for key, value in content.items():
        line = _line(content, key)
        kind = _KEYS.get(str(key))
        if kind is None:
            findings.add(
                "unknown_metadata",
                SCHOOL_FILE,
                line,
                str(key),
                _("We do not know {name} and leave it out.").format(name=key),
            )
            continue
        text = str(value).strip() if isinstance(value, (str, int, float)) else ""
        try:
            values[str(key)] = kind.reader(needed=key in _NEEDED)(text)
        except BadValue as bad:
            findings.add(bad.code, SCHOOL_FILE, line, str(key), bad.message)
            values[str(key)] = ""
    for key in _NEEDED:
        if key not in values:
            findings.add(
                "missing_value",
                SCHOOL_FILE,
                0,
                key,
                _("The line {name}: is missing. Add it.").format(name=key),
            )
    defaults = School("", "")
    return School(
        values.get("id", ""),
        values.get("name", ""),
        values.get("time_zone") or defaults.time_zone,
        values.get("locale") or defaults.language,
        values.get("year", ""),
        row=1,
    )


def _mapping(files: RosterFiles, findings: Findings) -> CommentedMap | None:
    line = 0
    try:
        with files.open(SCHOOL_FILE) as stream:
            text = stream.read(_MAX_SIZE + 1)
        if len(text) > _MAX_SIZE:
            raise YAMLError
        content = YAML(typ="rt").load(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        findings.add(
            "not_utf8", SCHOOL_FILE, 0, "", _("The file is not in UTF-8. Save it in UTF-8.")
        )
        return None
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 0 if mark is None else mark.line + 1
        content = None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError):
        findings.add(
            "unreadable_file",
            SCHOOL_FILE,
            0,
            "",
            _("The file cannot be read. Check that it is whole and that we may read it."),
        )
        return None
    if isinstance(content, CommentedMap):
        return content
    findings.add(
        "bad_manifest",
        SCHOOL_FILE,
        line,
        "",
        _("This is not a list of `name: value` lines (YAML). See docs/roster.md for an example."),
    )
    return None


def _line(content: CommentedMap, key: object) -> int:
    try:
        return int(content.lc.key(key)[0]) + 1
    except (KeyError, AttributeError, TypeError):
        return 0
