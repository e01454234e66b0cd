"""`school-spaces registration`: how Synapse gets to know us."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from ruamel.yaml import YAML

from appservice.cli.render import paper, print_json
from appservice.cli.terminal import AsJson, help_text, terminal
from appservice.config.registration import registration_of
from appservice.config.secret_keys import generate_secrets
from appservice.errors import Refused
from appservice.language import _


def registration(
    context: typer.Context,
    generate: Annotated[
        bool,
        typer.Option(
            "--generate",
            "-g",
            help=help_text(
                "Make the secrets that are missing from the configuration, and write the"
                " registration file, readable by its owner alone."
            ),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Without -g nothing is written: the registration is printed."""
    person = terminal(context)
    made = generate_secrets(person.config_path) if generate else []
    config = person.config()
    registered = registration_of(config)
    content = registered.content(config.homeserver.server_name)
    if not generate:
        if as_json:
            print_json(content)
        else:
            YAML(typ="safe").dump(content, sys.stdout)
        return
    path = config.appservice.registration
    try:
        registered.write(path, config.homeserver.server_name)
    except OSError as error:
        raise Refused(
            _("The registration {path} cannot be written: {reason}.").format(
                path=path, reason=error.strerror
            )
        ) from error
    if as_json:
        print_json({"registration": str(path), "generated": made})
        return
    if made:
        paper().print(
            _("Made in {config}: {keys}.").format(config=person.config_path, keys=", ".join(made))
        )
    else:
        paper().print(
            _("The secrets in {config} stay as they are.").format(config=person.config_path)
        )
    paper().print(
        _(
            "Written: {registration}. Tell Synapse in homeserver.yaml, let it read the file, and"
            " restart it:\n\n  app_service_config_files:\n    - {registration}\n"
        ).format(registration=path)
    )
