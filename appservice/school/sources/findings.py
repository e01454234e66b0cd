"""What a reading has found so far, and which people and classes it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from appservice.school.problem import Problem, Severity

LISTED_PER_CODE = 200  # problems kept for each code; the counts go on

FATAL, ERROR, WARNING = Severity.FATAL, Severity.ERROR, Severity.WARNING

SEVERITY: Mapping[str, Severity] = {
    # The delivery cannot be read at all.
    "missing_file": FATAL,
    "undeclared_file": FATAL,
    "duplicate_file": FATAL,
    "unreadable_file": FATAL,
    "unsafe_path": FATAL,
    "bad_zip": FATAL,
    "nested_zip": FATAL,
    "zip_limits": FATAL,
    "bad_manifest": FATAL,
    "bad_version": FATAL,
    "missing_header": FATAL,
    "duplicate_header": FATAL,
    "header_order": FATAL,
    "not_utf8": FATAL,
    "nul_byte": FATAL,
    "bad_quotes": FATAL,
    "row_too_long": FATAL,
    "empty_table": FATAL,
    # One stops the whole delivery.
    "row_width": ERROR,
    "missing_value": ERROR,
    "bad_enum": ERROR,
    "bad_date": ERROR,
    "bad_guid": ERROR,
    "formula_in_name": ERROR,
    "control_character": ERROR,
    "duplicate_id": ERROR,
    "dangling_ref": ERROR,
    "org_cycle": ERROR,
    "end_before_begin": ERROR,
    "two_primary_teachers": ERROR,
    "two_primary_roles": ERROR,
    "teacher_as_agent": ERROR,
    "agent_not_reciprocal": ERROR,
    # Said, and no more.
    "unknown_metadata": WARNING,
    "filled_status_in_bulk": WARNING,
    "trailing_space": WARNING,
}


class Findings:
    """Collects problems, and whom they concern.

    `held`: whose own row is wrong; left as it was when the operator tolerates the errors.
    `touched`: whom a wrong row speaks of; a rule that would call the lack of that row a mistake is
    not heard.
    `unread`: whose row stands there but could not be read; what refers to it is left out without a
    word.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = {}
        self.held: set[str] = set()
        self.touched: set[str] = set()
        self.unread: set[str] = set()
        self.errors = 0
        self._stopped = False
        self.bound_to_rows = True  # False once an error concerns no single person, class or group

    def stopped(self) -> bool:
        """Whether something fatal was found: the delivery cannot be read."""
        return self._stopped

    def add(
        self,
        code: str,
        file: str,
        row: int,
        column: str,
        message: str,
        *,
        holds: Iterable[str] = (),
        touches: Iterable[str] = (),
    ) -> None:
        count = self.counts.get(code, 0) + 1
        self.counts[code] = count
        severity = SEVERITY[code]
        if count <= LISTED_PER_CODE:
            self.problems.append(Problem(code, severity, file, row, column, message))
        if severity is ERROR:
            self.errors += 1
            held = [name for name in holds if name]
            self.held.update(held)
            self.touched.update(touches)
            self.bound_to_rows = self.bound_to_rows and bool(held)
        elif severity is FATAL:
            self._stopped = True
