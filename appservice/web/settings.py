"""The `metrics:` section of the configuration."""

from __future__ import annotations

from pydantic import Field

from appservice.school.settings import Section


class MetricsSettings(Section):
    """Where Prometheus finds us: an address of its own, so that nobody else has to reach it."""

    enabled: bool = False
    hostname: str = "127.0.0.1"
    port: int = Field(default=29381, ge=1, le=65535)
