"""What the administrators are told of a roster that a person must look at: pure texts, and the file
with all problems.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from appservice.errors import Refused
from appservice.language import _, n_
from appservice.rooms.planning.plan import Plan
from appservice.rooms.planning.table import plan_rows
from appservice.school.problem import Delivery, Problem, Severity

_FIRST: Final = 5
_OWNER_ONLY: Final = 0o600


class Matter(NamedTuple):
    """`name` is the same for the same matter. `whole` is what the text tells a part of: the lines
    of a file, "" without one.
    """

    name: str
    text: str
    whole: str = ""


def broken(delivery: Delivery, problems_file: Path) -> Matter:
    """A roster that was not accepted."""
    errors = list(islice(_errors(delivery), _FIRST))
    grave = {problem.code for problem in _errors(delivery)}
    total = sum(count for code, count in delivery.counts.items() if code in grave)
    lines = [
        n_(
            "The roster was not accepted: {count} problem. Nothing was changed.",
            "The roster was not accepted: {count} problems. Nothing was changed.",
            total,
        ).format(count=total),
        *(f"• {_line(problem)}" for problem in errors),
        _("All of them: {file} on the server, or `school-spaces roster check`.").format(
            file=problems_file
        ),
    ]
    name = f"broken {_digest(*map(str, delivery.problems))}"
    return Matter(name, "\n".join(lines), listed(delivery))


def held(plan: Plan) -> Matter:
    """A plan that a person must approve."""
    return Matter(
        f"held {plan.digest}",
        _with_plan(_("A plan waits for approval. Nothing was changed."), plan),
    )


def first(plan: Plan) -> Matter:
    """Nothing was ever applied: a person begins."""
    text = _("The first plan of this deployment waits for a person. Nothing was changed.")
    return Matter(f"first {plan.digest}", _with_plan(text, plan))


def _with_plan(what: str, plan: Plan) -> str:
    lines = [
        what,
        *(f"• {hold.text}" for hold in plan.holds),
        *(
            f"  {row.action} {row.room_kind}".rstrip() + f": {row.number}"
            for row in plan_rows(plan)
        ),
        _(
            "If it is right: !school apply {digest} (or, on the server, school-spaces apply"
            " {digest})"
        ).format(digest=plan.digest),
    ]
    return "\n".join(lines)


def refused(error: Refused) -> Matter:
    """The roster is right, and the configuration does not fit it."""
    return Matter(f"refused {_digest(str(error))}", str(error))


def listed(delivery: Delivery) -> str:
    """All listed problems, a line each, the gravest first."""
    problems = sorted(delivery.problems, key=lambda problem: list(Severity).index(problem.severity))
    return "".join(
        f"{problem.severity}\t{problem.code}\t{_line(problem)}\n" for problem in problems
    )


def write_problems(text: str, file: Path) -> None:
    """Never half a file, and for its owner alone. Raises Refused where it cannot be written."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        with open(
            beside, "x", encoding="utf-8", opener=lambda path, how: os.open(path, how, _OWNER_ONLY)
        ) as out:
            out.write(text)
        beside.replace(file)
    except OSError as error:
        raise Refused(
            _("The problems of the roster cannot be written to {file}: {reason}.").format(
                file=file, reason=error.strerror or error
            )
        ) from error


def _errors(delivery: Delivery) -> Iterator[Problem]:
    return (problem for problem in delivery.problems if problem.severity is not Severity.WARNING)


def _line(problem: Problem) -> str:
    row = f":{problem.row}" if problem.row else ""
    column = f" ({problem.column})" if problem.column else ""
    return f"{problem.file}{row}{column}: {problem.message}"


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(errors="surrogateescape"), digest_size=8).hexdigest()
