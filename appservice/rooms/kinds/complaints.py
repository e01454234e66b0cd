"""Several mistakes of one configuration section, each at its own place, told at once."""

from __future__ import annotations

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError


class Complaints:
    """Collects what is wrong; `refuse` raises it as pydantic's own error, so that every mistake
    keeps its location.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._found: list[InitErrorDetails] = []

    def add(self, place: tuple[str, ...], text: str, value: object) -> None:
        """`place` is the path of keys inside the section."""
        error = PydanticCustomError("room_kind", "{text}", {"text": text})
        self._found.append(InitErrorDetails(type=error, loc=place, input=value))

    def refuse(self) -> None:
        """Raise pydantic.ValidationError when anything was added."""
        if self._found:
            raise ValidationError.from_exception_data(self._title, self._found)
