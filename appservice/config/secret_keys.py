"""Putting generated secrets into a configuration file without touching anything else in it.

Only the text of the values is exchanged, at the positions where the parser saw them: comments,
order, quotes and indentation stay as the sysadmin wrote them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import StreamMark
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from appservice.config.load import SECRETS, load_config, read_bytes
from appservice.config.problem import ConfigProblem, ConfigRefused, KeyPath, Place, dotted
from appservice.config.sections import GENERATE
from appservice.language import _

_SECRET_BYTES = 32


def generate_secrets(path: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    """Make the secrets that stand at `generate`, or nowhere; the dotted keys of those made.

    Secrets that are there stay: with other tokens Synapse would refuse us, and with another
    `localpart_secret` everybody would get a new account. Others lose the right to read the file.
    """
    load_config(path, environment)  # a file with mistakes is not written to
    text = read_bytes(path).decode("utf-8-sig")
    made = []
    for keys in SECRETS:
        changed = _with_secret(text, keys, path)
        if changed != text:
            text = changed
            made.append(dotted(keys))
    if made:
        path.chmod(path.stat().st_mode & ~0o007)
        path.write_text(text, encoding="utf-8")
    return made


def _with_secret(text: str, keys: KeyPath, path: Path) -> str:
    section, key = str(keys[0]), str(keys[1])
    value = secrets.token_hex(_SECRET_BYTES)
    root = YAML(typ="safe", pure=True).compose(text)
    inside = _child(root, section)
    if inside is None:
        ending = "" if text.endswith("\n") else "\n"
        return f"{text}{ending}\n{section}:\n  {key}: {value}\n"
    if isinstance(inside, MappingNode) and not inside.flow_style and inside.value:
        found = _child(inside, key)
        if found is None:
            first: StreamMark = inside.value[0][0].start_mark
            line = f"{key}: {value}\n" + " " * first.column
            return text[: first.index] + line + text[first.index :]
        if isinstance(found, ScalarNode) and found.value == GENERATE:
            return text[: found.start_mark.index] + value + text[found.end_mark.index :]
        return text
    place = Place(inside.start_mark.line + 1, inside.start_mark.column + 1)
    raise ConfigRefused(
        path,
        [
            ConfigProblem(
                place,
                section,
                _("Write `{key}: generate` below this section, on a line of its own.").format(
                    key=key
                ),
            )
        ],
    )


def _child(node: Node | None, key: str) -> Node | None:
    if isinstance(node, MappingNode):
        for key_node, value_node in node.value:
            if isinstance(key_node, ScalarNode) and key_node.value == key:
                found: Node = value_node
                return found
    return None
