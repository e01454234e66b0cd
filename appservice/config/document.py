"""Reading YAML into plain values, remembering where each of them stands.

The node graph is read instead of the finished values: it keeps every duplicate key and every
position, so that all mistakes can be told at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from appservice.config.problem import ConfigProblem, KeyPath, Place, dotted
from appservice.language import _

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DEEPEST = 40


@dataclass(slots=True)
class Document:
    """A file as plain values. `keys` and `values` say where those of each path stand.

    `content` is None when the file could not be read as sections at all.
    """

    content: dict[str, object] | None = None
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)

    def place_of(self, path: KeyPath) -> Place:
        """Where the path, or the nearest thing around it that is in the file, stands."""
        for length in range(len(path), 0, -1):
            found = self.keys.get(path[:length]) or self.values.get(path[:length])
            if found is not None:
                return found
        return Place(1, 1)


def read_document(raw: bytes, environment: Mapping[str, str]) -> Document:
    """Parse a configuration file. Problems, syntax errors included, are in the result.

    `${NAME}` inside any text stands for the variable NAME of `environment`.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Document(problems=[_not_utf8(raw, error)])
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        return Document(problems=[_syntax(text, error)])
    reader = _Reader(environment)
    if root is None:
        reader.document.problems.append(
            ConfigProblem(Place(1, 1), "", _("The file is empty. Start from config.example.yaml."))
        )
    elif not isinstance(root, MappingNode):
        reader.complain(
            root,
            (),
            _("The file must hold sections (`homeserver:`, `roster:` …), each with its keys."),
        )
    else:
        reader.document.content = reader.sections(root)
    return reader.document


class _Reader:
    """Turns nodes into values."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.document = Document()
        self._environment = environment
        self._scalars = YAML(typ="safe", pure=True).constructor

    def complain(self, node: Node, path: KeyPath, text: str) -> None:
        self.document.problems.append(ConfigProblem(_place(node), dotted(path), text))

    def sections(self, root: MappingNode) -> dict[str, object]:
        return self._mapping(root, ())

    def value(self, node: Node, path: KeyPath) -> object:
        self.document.values[path] = _place(node)
        if len(path) > _DEEPEST:
            self.complain(node, path[:3], _("This is nested too deep (an alias inside itself?)."))
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        return None

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, object]:
        content: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.complain(key_node, path, _("A key must be a word, not a list or a section."))
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in content:
                first = self.document.keys[here]
                self.complain(
                    key_node,
                    here,
                    _("This key stands here twice (first in line {line}). Remove one.").format(
                        line=first.line
                    ),
                )
                continue
            self.document.keys[here] = _place(key_node)
            content[key] = self.value(value_node, here)
        return content

    def _scalar(self, node: ScalarNode, path: KeyPath) -> object:
        try:
            value: object = self._scalars.construct_object(node)
        except (ConstructorError, ValueError):
            self.complain(
                node, path, _("The tag {tag} is not known here. Remove it.").format(tag=node.tag)
            )
            return None
        if not isinstance(value, str):
            return value
        return _VARIABLE.sub(lambda found: self._variable(found[1], node, path), value)

    def _variable(self, name: str, node: Node, path: KeyPath) -> str:
        if name not in self._environment:
            self.complain(
                node,
                path,
                _(
                    "The environment variable {name} is not set. Set it before the start, or write"
                    " the value here."
                ).format(name=name),
            )
        return self._environment.get(name, "")


def _place(node: Node) -> Place:
    mark = node.start_mark
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)


def _not_utf8(raw: bytes, error: UnicodeDecodeError) -> ConfigProblem:
    before = raw[: error.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", errors="replace")) + 1
    return ConfigProblem(
        Place(line, column),
        "",
        _("The file is not written in UTF-8 (byte 0x{byte:02X}). Save it as UTF-8.").format(
            byte=raw[error.start]
        ),
    )


def _syntax(text: str, error: YAMLError) -> ConfigProblem:
    """A syntax error in plain words; the parser stops at the first."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return ConfigProblem(
            Place(line, column),
            "",
            _("There is an invisible control character here. Remove it."),
        )
    place, problem, quoted = Place(1, 1), "", False
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark is not None else place
        problem = f"{error.problem}"
        quoted = "quoted" in f"{error.context}"
        if quoted and "unexpected end" in problem and error.context_mark is not None:
            place = Place(error.context_mark.line + 1, error.context_mark.column + 1)
    return ConfigProblem(place, "", _in_plain_words(problem, quoted=quoted))


def _in_plain_words(problem: str, *, quoted: bool) -> str:
    if "'\\t'" in problem:
        return _("There is a tab here. YAML is indented with spaces alone: replace it.")
    if "cannot start any token" in problem:
        return _("No text may begin with this character. Put the text in quotes.")
    if "mapping values are not allowed" in problem:
        return _(
            "A colon does not belong here. Either the indentation is not that of the lines around"
            " it, or the text needs quotes."
        )
    if "undefined alias" in problem:
        return _("A text that begins with `*` refers to an anchor, and there is none. Use quotes.")
    if "unknown escape" in problem:
        return _("A backslash in double quotes means something special. Use single quotes.")
    if quoted:
        return _("This quote is opened and never closed.")
    if "another document" in problem:
        return _("A second document begins here (`---`). The file must hold one.")
    if "',' or" in problem:
        return _("A bracket is opened and not closed, or a comma is missing.")
    if "could not find expected ':'" in problem:
        return _("A key without a colon. Write `key: value`.")
    if "block" in problem:
        return _("The indentation is not that of the lines around it.")
    return _("This is not valid YAML ({problem}).").format(problem=problem or "?")
