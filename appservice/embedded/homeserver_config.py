"""The configuration of an embedded Synapse, as values (Synapse's configuration manual)."""

import secrets
import socket
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from appservice.embedded.postgres import PostgresAddress
from appservice.embedded.registration import Registration

# A whole school behind one address: the limits of a public server would lock it out after five
# sign-ins. They are still limits.
SCHOOL_LIMITS: Mapping[str, object] = MappingProxyType(
    {
        "rc_login": {
            "address": {"per_second": 20, "burst_count": 200},
            "account": {"per_second": 1, "burst_count": 20},
            "failed_attempts": {"per_second": 0.2, "burst_count": 5},
        },
        "rc_message": {"per_second": 5, "burst_count": 50},
        "rc_joins": {"local": {"per_second": 5, "burst_count": 50}},
        "rc_joins_per_room": {"per_second": 20, "burst_count": 200},
    }
)


@dataclass(frozen=True, slots=True)
class SynapseModule:
    """A module to load into Synapse: the dotted path of its class, and its configuration."""

    path: str
    config: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HomeserverSettings:
    """What may differ from one embedded Synapse to another.

    `port` 0 takes a free one at the first start and keeps it while the object lives.
    `rate_limits` holds Synapse's `rc_...` keys; empty means Synapse's own defaults.
    `bcrypt_rounds` 4 is the least that bcrypt takes: passwords of a demo, not of people.
    `extra` is merged over everything else, by top-level key.
    """

    server_name: str
    database: PostgresAddress
    registrations: Sequence[Registration] = ()
    port: int = 0
    modules: Sequence[SynapseModule] = ()
    rate_limits: Mapping[str, object] = field(default_factory=dict)
    bcrypt_rounds: int = 12
    cache_factor: float = 0.5
    log_level: Literal["WARNING", "INFO", "DEBUG"] = "WARNING"
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class HomeserverSecrets:
    """What must stay the same from one start on the same folder to the next."""

    registration_shared_secret: str
    macaroon_secret_key: str
    form_secret: str
    signing_key: str
    admin_password: str

    @classmethod
    def new(cls) -> "HomeserverSecrets":
        """Fresh random secrets, and an ed25519 signing key in Synapse's format."""
        seed = b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        return cls(
            registration_shared_secret=secrets.token_urlsafe(32),
            macaroon_secret_key=secrets.token_urlsafe(32),
            form_secret=secrets.token_urlsafe(32),
            signing_key=f"ed25519 a_{secrets.token_hex(2)} {seed}",
            admin_password=secrets.token_urlsafe(24),
        )


def homeserver_config(
    settings: HomeserverSettings,
    kept: HomeserverSecrets,
    *,
    port: int,
    folder: Path,
    registration_files: Sequence[Path],
) -> dict[str, object]:
    """The content of homeserver.yaml. Every path is below `folder`."""
    config: dict[str, object] = {
        "server_name": settings.server_name,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "report_stats": False,
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                # openid: who a widget's visitor is. No federation: the school is alone here.
                "resources": [{"names": ["client", "openid"]}],
            }
        ],
        "database": {
            "name": "psycopg2",
            "args": {
                "host": str(settings.database.socket_dir),
                "port": settings.database.port,
                "user": settings.database.user,
                "dbname": settings.database.database,
                "cp_min": 2,
                "cp_max": 10,
            },
        },
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": kept.registration_shared_secret,
        "macaroon_secret_key": kept.macaroon_secret_key,
        "form_secret": kept.form_secret,
        "enable_registration": False,
        "bcrypt_rounds": settings.bcrypt_rounds,
        "presence": {"enabled": False},
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        # Nobody to send to, and looking for whom costs a quarter of the work of an event.
        "send_federation": False,
        "suppress_key_server_warning": True,
        # A new Synapse finishes its database with a pause of a second a step, and its directory
        # forgets whoever came during one of them.
        "background_updates": {"sleep_enabled": False},
        "caches": {"global_factor": settings.cache_factor},
        "app_service_config_files": [str(path) for path in registration_files],
        "modules": [
            {"module": module.path, "config": dict(module.config)} for module in settings.modules
        ],
    }
    return config | dict(settings.rate_limits) | dict(settings.extra)


def log_config(settings: HomeserverSettings, log: Path) -> dict[str, object]:
    """The content of Synapse's logging configuration: one file, and no person's content in it."""
    return {
        "version": 1,
        "formatters": {
            "line": {
                "format": "%(asctime)s - %(name)s - %(lineno)d - %(levelname)s"
                " - %(request)s - %(message)s"
            }
        },
        "handlers": {
            "file": {
                "class": "logging.FileHandler",
                "filename": str(log),
                "formatter": "line",
                "encoding": "utf-8",
            }
        },
        "loggers": {
            "synapse.storage.SQL": {"level": "WARNING"},
            # It complains of every application service after the first.
            "synapse.util.metrics": {"level": "CRITICAL"},
        },
        "root": {"level": settings.log_level, "handlers": ["file"]},
        "disable_existing_loggers": False,
    }


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
