"""A deployment of the test's own on the session's homeserver."""

from tests.service.conftest import deployment

__all__ = ["deployment"]
