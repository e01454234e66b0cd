"""Which keys the configuration has: read from its models, for suggestions and for a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel

from appservice.config.problem import KeyPath

ANY = "*"
"""Stands in a path for a name that the person chooses, or for a place in a list."""


def models_in(annotation: object) -> Iterator[tuple[KeyPath, type[BaseModel]]]:
    """Models inside a field's type, each with the steps that lead to it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield (), annotation
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from models_in(arguments[0])
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from models_in(argument)
    elif isinstance(origin, type) and issubclass(origin, Mapping) and arguments:
        for steps, model in models_in(arguments[-1]):
            yield (ANY, *steps), model
    elif isinstance(origin, type) and issubclass(origin, Sequence | set | frozenset):
        for argument in arguments:
            for steps, model in models_in(argument):
                yield (ANY, *steps), model


def key_paths(model: type[BaseModel], prefix: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key of a model and of the models inside it, sections before what they hold."""
    for name, info in model.model_fields.items():
        path = (*prefix, info.alias or name)
        yield path
        for steps, inner in models_in(info.annotation):
            yield from key_paths(inner, (*path, *steps))


def keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that may stand in the section at `path`."""
    return [
        str(known[-1])
        for known in key_paths(model)
        if len(known) == len(path) + 1
        and all(step in (ANY, here) for step, here in zip(known, path, strict=False))
    ]


def nearest(word: str, words: Sequence[str]) -> str | None:
    """The word that was probably meant."""
    lowered = {candidate.lower(): candidate for candidate in words}
    found = get_close_matches(word.lower().replace("-", "_"), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None
