"""The lines that the code says to people, read from its syntax: templates whose places are numbered in their order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
# What carries a line to whoever asked; classes that derive from one of these do too.
_FAULTS = frozenset({"UserError", "HTTPException", "ValueError", "_Refused", "ConstructorError"})
# Functions that are given a line, and such that give one.
_TAKING = frozenset({"_line", "_down", "_reject_conflict", "_reject_others", "Row"})
_GIVING = frozenset({"plain_fault", "message_of", "first_reason", "_one_line", "_name_of"})
_WORDS = re.compile("[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """`pieces` are words of ours that the code fills into its places, as far as the syntax tells."""

    text: str
    where: str
    pieces: frozenset[str] = frozenset()


@dataclass
class _Module:
    path: Path
    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST, kind: type[ast.AST]) -> ast.AST | None:
        """The nearest definition of this kind that `node` stands in."""
        found = self.parents.get(node)
        while found is not None and not isinstance(found, kind):
            found = self.parents.get(found)
        return found

    def assigned(self, name: ast.Name) -> Iterator[ast.expr]:
        """What the function around `name` gives it, else what the module does."""
        for scope in (self.around(name, ast.FunctionDef), self.tree):
            body = [] if scope is None else ast.walk(scope) if scope is not self.tree else self.tree.body
            values = [one.value for one in body if isinstance(one, ast.Assign) and name.id in map(_name, one.targets)]
            if values:
                yield from values
                return

    def returned(self, function: str) -> Iterator[ast.expr]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and node.name == function:
                yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)


@cache
def all_lines() -> list[Line]:
    """Every line of the three floors, once for each place where it stands."""
    paths = [path for floor in ("db", "training", "workbench") for path in sorted((ROOT / floor).rglob("*.py"))]
    modules = [_Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]
    faults = _with_derived(modules)
    return [line for module in modules for line in _lines_of(module, faults)]


def _with_derived(modules: list[_Module]) -> frozenset[str]:
    classes = [node for module in modules for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    faults = set(_FAULTS)
    while more := {one.name for one in classes if faults & set(map(_name, one.bases))} - faults:
        faults |= more
    return frozenset(faults)


def _lines_of(module: _Module, faults: frozenset[str]) -> Iterator[Line]:
    said = [arg for call in _calls(module.tree) if _carries(call, module, faults) for arg in call.args]
    said += [value for function in _GIVING for value in module.returned(function)]
    for expression in said:
        where = f"{module.path.relative_to(ROOT).as_posix()}:{expression.lineno}"
        yield from (Line(text, where, pieces) for text, pieces in _texts(expression, module, ()))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _carries(call: ast.Call, module: _Module, faults: frozenset[str]) -> bool:
    name = _name(call.func)
    if name == "__init__":
        around = module.around(call, ast.ClassDef)
        return isinstance(around, ast.ClassDef) and around.name in faults
    return name in faults or name in _TAKING


def _texts(node: ast.expr, module: _Module, seen: tuple[str, ...]) -> Iterator[tuple[str, frozenset[str]]]:
    """The texts that an expression may be; empty ones and such without words are none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORDS.search(node.value):
        yield node.value, frozenset()
    elif isinstance(node, ast.JoinedStr):
        places = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        if _WORDS.search(text := _template(node)) or ": " in text:
            yield text, frozenset(piece for place in places for piece in _pieces(place, module, seen))
    else:
        for inner in _inner(node, module, seen):
            yield from _texts(inner, module, (*seen, _name(node)))


def _pieces(place: ast.expr, module: _Module, seen: tuple[str, ...]) -> Iterator[str]:
    for text, pieces in _texts(place, module, seen):
        yield text
        yield from pieces


def _inner(node: ast.expr, module: _Module, seen: tuple[str, ...]) -> Iterator[ast.expr]:
    """The expressions whose text this one takes over."""
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.Name) and node.id not in seen:
        yield from module.assigned(node)
    elif isinstance(node, ast.Call):
        yield from _called(node, module, seen)


def _called(call: ast.Call, module: _Module, seen: tuple[str, ...]) -> Iterator[ast.expr]:
    """`text.replace(…)` is the text; `next(…, "other")` may be the other; a function of the module what it returns."""
    name = _name(call.func)
    if name == "next":
        yield from call.args[1:]
    elif isinstance(call.func, ast.Attribute) and name in ("replace", "removeprefix"):
        yield call.func.value
    elif name not in seen:
        yield from module.returned(name)


def _template(text: ast.JoinedStr) -> str:
    places = iter(range(len(text.values)))
    return "".join(str(p.value) if isinstance(p, ast.Constant) else f"{{{next(places)}}}" for p in text.values)


def _name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", getattr(node, "name", ""))))
