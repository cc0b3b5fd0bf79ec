"""labels.yaml: the written form of a label set, read and written."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from db.errors import UserError
from db.label_sets import as_definition, parse_label_set
from db.types import LabelSet


def labels_from_yaml(text: str, called: str) -> LabelSet:
    """The label set that `text` describes; raises UserError that begins with what the text is `called`."""
    try:
        definition = yaml.load(text, _Loader)  # noqa: S506 (makes nothing but text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise UserError(f"{called}{where}: not YAML: {reason}") from error
    except RecursionError as error:
        raise UserError(f"{called}: nested too deeply for a label set") from error
    try:
        label_set = parse_label_set(definition)
    except UserError as error:
        raise UserError(f"{called}: {error}") from error
    if label_set.is_empty:
        raise UserError(f"{called}: it lists neither categories nor tags")
    return label_set


def labels_as_yaml(label_set: LabelSet) -> str:
    """What `labels_from_yaml` reads as the same label set; labels that are nothing but a name stand alone."""
    definition = as_definition(label_set)
    written = {
        "categories": [_short(entry) for entry in definition["categories"]],
        "tags": {section: [_short(entry) for entry in entries] for section, entries in definition["tags"].items()},
    }
    return yaml.dump(written, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def _short(entry: dict[str, Any]) -> object:
    return entry["name"] if set(entry) == {"name"} else entry


class _Loader(yaml.BaseLoader):
    """Takes every word as it is written: `no`, `007` and `2024-01-01` are names. Refuses a key that comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} comes twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Writes nothing by reference: a file that people edit has everything in its place."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        # These end a line, or the reading of it, unless they are written as escapes.
        style = '"' if any(letter in data for letter in "\x85\u2028\u2029\ufeff") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)
