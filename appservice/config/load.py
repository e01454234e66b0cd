"""From a file to a configuration, or to everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from operator import is_
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from appservice.config.document import Document, read_document
from appservice.config.explain import explain, meant_key
from appservice.config.model import Config
from appservice.config.problem import ConfigProblem, ConfigRefused, KeyPath, Place, dotted
from appservice.config.sections import GENERATE
from appservice.errors import Refused
from appservice.language import _

AnyModel = TypeVar("AnyModel", bound=BaseModel)

SECRETS: tuple[KeyPath, ...] = (
    ("appservice", "as_token"),
    ("appservice", "hs_token"),
    ("accounts", "localpart_secret"),
)
"""What `school-spaces registration -g` makes."""


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration.

    Raises ConfigRefused with every mistake, or Refused when there is no file to read.
    """
    return _read(path, environment)[0]


def load_with_secrets(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """The same, for work that needs the tokens: those still to be generated are mistakes too."""
    config, document = _read(path, environment)
    missing = [
        ConfigProblem(
            document.place_of(keys),
            dotted(keys),
            _("This secret is still to be made: run `school-spaces registration -g`."),
        )
        for keys in SECRETS
        if _at(document.content, keys) in (None, "", GENERATE) and _wanted(config, keys)
    ]
    if missing:
        raise ConfigRefused(path, missing)
    return config


def _read(path: Path, environment: Mapping[str, str] | None) -> tuple[Config, Document]:
    document = read_document(read_bytes(path), os.environ if environment is None else environment)
    config, mistakes = _validated(document)
    if config is None or mistakes:
        raise ConfigRefused(path, mistakes)
    return anchored(config, path.resolve().parent), document


def read_bytes(path: Path) -> bytes:
    """The file as it is. Raises Refused when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(
            _(
                "There is no configuration at {path}. Name it with --config, or begin with a copy"
                " of config.example.yaml."
            ).format(path=path)
        ) from error
    except OSError as error:
        raise Refused(
            _("The configuration {path} cannot be read: {reason}.").format(
                path=path, reason=error.strerror
            )
        ) from error


def anchored(model: AnyModel, folder: Path) -> AnyModel:
    """The same model with every relative path below `folder`."""
    changed = {
        name: whole
        for name in type(model).model_fields
        if (whole := _anchored_value(value := getattr(model, name), folder)) is not value
    }
    return model.model_copy(update=changed) if changed else model


def _anchored_value(value: object, folder: Path) -> object:
    if isinstance(value, BaseModel):
        return anchored(value, folder)
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, tuple) and value:
        whole = tuple(_anchored_value(item, folder) for item in value)
        return value if all(map(is_, value, whole)) else whole
    if isinstance(value, Mapping) and any(isinstance(one, BaseModel) for one in value.values()):
        return {key: _anchored_value(item, folder) for key, item in value.items()}
    return value


def _validated(document: Document) -> tuple[Config | None, list[ConfigProblem]]:
    mistakes = list(document.problems)
    if document.content is None:
        return None, mistakes
    try:
        return Config.model_validate(document.content), mistakes
    except ValidationError as error:
        told = {problem.place for problem in mistakes}
        # A value that could not be read is not also told to be of the wrong kind.
        return None, mistakes + [
            problem
            for problem in _problems(document, error.errors(include_url=False))
            if problem.place not in told
        ]


def _problems(document: Document, errors: list[ErrorDetails]) -> Iterator[ConfigProblem]:
    located = [(error, *_located(document, error)) for error in errors]
    # A misspelt key is one mistake, not also the absence of the right one.
    misspelt = {
        (*path[:-1], meant_key(path, Config))
        for error, path, _place in located
        if error["type"] == "extra_forbidden"
    }
    told: set[KeyPath] = set()
    for error, path, place in located:
        # Of the branches of a union, one sentence about a value is enough.
        if path in told or (error["type"] == "missing" and path in misspelt):
            continue
        told.add(path)
        yield ConfigProblem(place, dotted(path), explain(error, path, Config))


def _located(document: Document, error: ErrorDetails) -> tuple[KeyPath, Place]:
    """Where an error is. Pydantic's own steps (branches of a union) are left out of the path."""
    steps = list(error["loc"])
    missing = steps.pop() if error["type"] == "missing" else None
    here: object = document.content
    path: KeyPath = ()
    for step in steps:
        inner = _step(here, step)
        if inner is not _NOTHING:
            here, path = inner, (*path, step)
    if missing is not None:
        return (*path, missing), document.place_of(path)
    if error["type"] == "extra_forbidden":
        return path, document.place_of(path)
    return path, document.values.get(path) or document.place_of(path)


_NOTHING = object()


def _step(here: object, step: str | int) -> object:
    if isinstance(here, dict) and step in here:
        return here[step]
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return _NOTHING


def _at(content: object, path: KeyPath) -> object:
    for step in path:
        content = _step(content, step)
        if content is _NOTHING:
            return None
    return content


def _wanted(config: Config, keys: KeyPath) -> bool:
    """Whether this deployment uses it: account names are computed only where we make accounts."""
    return keys[0] != "accounts" or config.accounts.backend == "synapse"
