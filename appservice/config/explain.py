"""What pydantic found, said to a person: what is wrong and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from appservice.config.keys import key_paths, keys_at, nearest
from appservice.config.problem import KeyPath, dotted
from appservice.language import _

_SECRET_WORDS: Final = ("token", "secret", "password", "url", "key")
_LONGEST_SHOWN = 60
_KINDS_OF_PYDANTIC: Final = frozenset(get_args(ErrorType))


def explain(error: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    """One sentence or two. `path` is where it is in the file, without pydantic's own steps."""
    kind = error["type"]
    context: Mapping[str, object] = error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(path, model)
    if kind == "missing":
        return _("This key is missing. Write it.")
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind not in _KINDS_OF_PYDANTIC:
        return error["msg"]  # written by one of our own models
    if error["input"] is None:
        return _("Nothing stands here. Write a value, or remove the key.")
    expected = _expected(kind, context)
    if expected is None:
        return _("This value does not fit ({message}).").format(message=error["msg"])
    return f"{_shown(error['input'], path)} {expected}".strip()


def meant_key(path: KeyPath, model: type[BaseModel]) -> str | None:
    """The key that an unknown one probably is, misspelt."""
    return nearest(str(path[-1]), keys_at(model, path[:-1]))


def _unknown_key(path: KeyPath, model: type[BaseModel]) -> str:
    word = str(path[-1])
    siblings = keys_at(model, path[:-1])
    if meant := meant_key(path, model):
        return _("There is no such key. Did you mean `{key}`?").format(key=meant)
    elsewhere = [known for known in key_paths(model) if known[-1] == word]
    if elsewhere:
        return _("There is no such key here. It belongs to `{section}`.").format(
            section=dotted(elsewhere[0][:-1]) or _("the top level")
        )
    if not siblings:
        return _("There is no such key. Remove it.")
    return _("There is no such key. Here may stand: {keys}.").format(keys=", ".join(siblings))


def _shown(value: object, path: KeyPath) -> str:
    """The value in quotes, unless it may be a secret or too long to be of help."""
    names = [step.lower() for step in path if isinstance(step, str)]
    secret = any(word in names[-1] for word in _SECRET_WORDS) if names else True
    if secret or isinstance(value, dict | list | BaseModel) or value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _("“{value}”:").format(value=text) if len(text) <= _LONGEST_SHOWN else ""


def _expected(kind: str, context: Mapping[str, object]) -> str | None:
    """What should stand there, by pydantic's kind of error."""
    match kind:
        case "string_type" | "string_sub_type":
            text = _("a text is needed here. Put it in quotes.")
        case "string_too_short" | "too_short" | "bytes_too_short":
            text = _("at least {min_length} characters or items are needed.")
        case "string_too_long" | "too_long" | "bytes_too_long":
            text = _("at most {max_length} characters or items are allowed.")
        case "string_pattern_mismatch":
            text = _("this does not have the form that is asked for ({pattern}).")
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            text = _("a whole number is needed here.")
        case "float_type" | "float_parsing" | "finite_number" | "decimal_type" | "decimal_parsing":
            text = _("a number is needed here.")
        case "bool_type" | "bool_parsing":
            text = _("`true` or `false` is needed here.")
        case "greater_than_equal":
            text = _("the number must be at least {ge}.")
        case "greater_than":
            text = _("the number must be more than {gt}.")
        case "less_than_equal":
            text = _("the number must be at most {le}.")
        case "less_than":
            text = _("the number must be less than {lt}.")
        case "literal_error" | "enum":
            text = _("one of these is needed here: {expected}.")
        case "path_type":
            text = _("a path is needed here.")
        case "dict_type" | "model_type" | "mapping_type" | "model_attributes_type":
            text = _("a section is needed here: keys with their values, indented below it.")
        case "list_type" | "tuple_type" | "set_type" | "frozen_set_type" | "iterable_type":
            text = _("a list is needed here: `[one, two]`, or lines that begin with `- `.")
        case "none_required":
            text = _("nothing may stand here.")
        case "date_type" | "date_parsing" | "date_from_datetime_parsing":
            text = _("a date is needed here: 2026-09-01.")
        case "time_type" | "time_parsing":
            text = _('a time is needed here: "18:00", in quotes.')
        case _:
            return None
    return text.format(**{name: _plain(value) for name, value in context.items()})


def _plain(value: object) -> str:
    """Pydantic's `'a', 'b' or 'c'` as `a`, `b`, `c`."""
    return str(value).replace("' or '", "', '").replace("'", "`")
