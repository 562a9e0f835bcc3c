"""Finds, in source code, text on its way to the screen that was not seen to.

What Textual is given as `str` it reads as markup, and what it draws acts on the terminal: so text
goes there through `tui.widgets.plain`, which takes what passed `tui.text`, or is a literal.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

READS_MARKUP = frozenset({
    "Button", "Checkbox", "Collapsible", "Label", "Link", "ListItem", "Markdown", "Option",
    "Placeholder", "Pretty", "RadioButton", "Rule", "Selection", "Static", "Tab", "TabPane",
    "Toast", "add_leaf", "add_option", "add_options", "add_row", "add_column", "add_columns",
    "set_label", "set_title", "update", "update_cell", "visualize", "render_str",
})  # fmt: skip
"""Calls whose text Textual reads as markup."""
TAKES_TEXT = frozenset({
    "Text", "Content", "Segment", "notify", "exit", "echo", "SystemCommand", "Hit", "DiscoveryHit",
    "Binding",
})  # fmt: skip
"""Calls whose text is drawn or printed as it is."""
ASSIGNED = frozenset({
    "border_title", "border_subtitle", "label", "sub_title", "title", "tooltip", "placeholder",
})  # fmt: skip
TEXT_KEYWORDS = frozenset({
    "content", "description", "help", "label", "message", "placeholder", "prompt", "renderable",
    "text", "title", "tooltip",
})  # fmt: skip
FIRST_ARGUMENTS = {"SystemCommand": 2, "Binding": 3}
"""How many arguments from the first on are text, where it is not one."""
MAKERS = frozenset({"plain", "assembled", "segment", "editor_line"})
SHOWN = frozenset({"showable", "one_line", "one_for_one"})
CONTENT_TYPES = frozenset({"Content", "Text", "Strip", "Visual", "RenderableType", "RenderResult"})
KEEPS_CONTENT = frozenset({"truncate", "extend_right", "extend_left", "append", "stylize", "join"})
ONLY_HERE = {
    "plain.py": {"Content", "Text", "Segment"},
    "guard.py": {"Segment"},
    "text.py": {"Shown"},
    "documents.py": {"echo"},
}
"""Modules that are the one place for a call."""
OUTPUT = frozenset({"stdout", "stderr", "__stdout__", "__stderr__"})
MAY_WRITE = frozenset({"exits.py"})


@dataclass(frozen=True)
class Finding:
    """A place where text may reach the screen unseen."""

    line: int
    what: str


@dataclass(frozen=True)
class Place:
    """A function that puts text on the screen."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


def findings(source: str, file: str = "module.py") -> list[Finding]:
    """All that is wrong in the source code of the module named `file`."""
    return sorted(_Reader(ast.parse(source), file).findings(), key=lambda found: found.line)


def places(root: Path) -> list[Place]:
    """The functions below `root`, a package, that hand text to Textual."""
    found: dict[Place, None] = {}
    for path in sorted(root.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        if path.name == "plain.py":
            continue
        for name, node in _calls_by_function(ast.parse(path.read_text("utf-8"))):
            if _called(node) in MAKERS | {"notify"}:
                found[Place(module, name)] = None
    return list(found)


def _calls_by_function(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        inner = name
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{name}.{node.name}".strip(".")
        if isinstance(node, ast.Call):
            yield name, node
        yield from _calls_by_function(node, inner)


class _Reader:
    def __init__(self, tree: ast.Module, file: str) -> None:
        self._tree = tree
        self._file = file
        self._returns: dict[str, str] = {}
        self._scopes: dict[ast.AST, ast.AST] = {}
        self._knows_textual = any(
            isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual")
            for node in ast.walk(tree)
        )
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._scopes[child] = node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._returns[node.name] = _annotation(node.returns)

    def findings(self) -> Iterator[Finding]:
        for node in ast.walk(self._tree):
            match node:
                case ast.Call():
                    yield from self._call(node)
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        yield from self._assignment(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    yield from self._assignment(target, value)
                case ast.FunctionDef(name="render", returns=returns):
                    if _annotation(returns) not in CONTENT_TYPES | {"str"}:
                        continue
                    if _annotation(returns) == "str" and not self._is_strip(node):
                        yield Finding(node.lineno, "render gives str, which is read as markup")
                case ast.keyword(arg="markup", value=ast.Constant(value=True)):
                    yield Finding(node.value.lineno, "markup=True")

    def _call(self, node: ast.Call) -> Iterator[Finding]:
        name = _called(node)
        if name in ONLY_HERE.get(self._file, ()):
            return
        if name == "from_markup" and not _is_literal(node.args[0]):
            yield Finding(node.lineno, "from_markup with more than a literal")
        elif name == "Shown":
            if not all(map(_is_literal, node.args)):
                yield Finding(node.lineno, "Shown of more than a literal")
        elif name == "print":
            yield Finding(node.lineno, "print: use tui.cli.exits or click.echo")
        elif name == "write" and self._is_output(node.func):
            if self._file not in MAY_WRITE:
                yield Finding(node.lineno, "writes to a stream of the process")
        elif name in READS_MARKUP and self._knows_textual and not _is_restyling(node.func):
            for text in self._texts(node, name):
                if not (_is_literal(text) or self._is_content(text, node)):
                    yield Finding(text.lineno, f"{name} is given text that it reads as markup")
        elif name in TAKES_TEXT:
            for text in self._texts(node, name):
                if not (self._is_shown(text, node) or self._is_content(text, node)):
                    yield Finding(text.lineno, f"{name} is given text that did not pass tui.text")

    def _assignment(self, target: ast.expr, value: ast.expr) -> Iterator[Finding]:
        if not isinstance(target, ast.Attribute) or target.attr not in ASSIGNED:
            return
        if not self._knows_textual:
            return
        if not (_is_literal(value) or self._is_content(value, target)):
            yield Finding(value.lineno, f"{target.attr} is given text that it reads as markup")

    def _texts(self, node: ast.Call, name: str) -> Iterator[ast.expr]:
        count = FIRST_ARGUMENTS.get(name, 1)
        if name == "exit":  # Its first arguments are the result and the code.
            count = 0
        yield from (arg for arg in node.args[:count])
        yield from (word.value for word in node.keywords if word.arg in TEXT_KEYWORDS)

    def _is_shown(self, text: ast.expr, at: ast.AST) -> bool:
        """Whether `text` passed `tui.text`, or is ours."""
        match text:
            case _ if _is_literal(text):
                return True
            case ast.Call(func=ast.Name(id="Shown" | "bytes")):
                return True  # `Shown` is looked at by itself; bytes are data, and no text.
            case ast.Call():
                return _called(text) in SHOWN or self._gives(text, {"Shown"})
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_shown(body, at) and self._is_shown(orelse, at)
            case ast.BoolOp(values=values):
                return all(self._is_shown(value, at) for value in values)
            case ast.BinOp(left=left, op=ast.Mult()):
                return self._is_shown(left, at)
            case ast.Name(id=name):
                return self._named(name, at, {"Shown"}, self._is_shown)
        return False

    def _is_content(self, value: ast.expr, at: ast.AST) -> bool:
        """Whether `value` came from `tui.widgets.plain`, or is none of our text."""
        match value:
            case ast.Constant(value=None) | ast.Name(id="self"):
                return True
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in KEEPS_CONTENT:
                return self._is_content(inner, at)
            case ast.Call():
                return _called(value) in MAKERS or self._gives(value, CONTENT_TYPES)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_content(body, at) and self._is_content(orelse, at)
            case ast.Name(id=name):
                return self._named(name, at, CONTENT_TYPES, self._is_content)
            case ast.Starred(value=inner):
                return self._is_content(inner, at)
            case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
                return self._is_content(element, at)
            case ast.Attribute(value=ast.Name(id="self"), attr=attr):
                return self._annotation_of(attr) in CONTENT_TYPES
        return False

    def _gives(self, call: ast.Call, types: frozenset[str] | set[str]) -> bool:
        return self._returns.get(_called(call), "") in types

    def _named(self, name: str, at: ast.AST, types, holds) -> bool:
        """Whether the variable `name` has one of `types`, or only values of which `holds`."""
        scope: ast.AST | None = at
        while scope is not None:
            scope = self._scopes.get(scope)
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = [*scope.args.args, *scope.args.kwonlyargs, *scope.args.posonlyargs]
                for argument in arguments:
                    if argument.arg == name:
                        return _annotation(argument.annotation) in types
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
                values = list(_values_of(name, scope))
                if values:
                    return all(holds(value, scope) for value in values)
        return False

    def _annotation_of(self, attribute: str) -> str:
        for node in ast.walk(self._tree):
            match node:
                case ast.AnnAssign(target=ast.Attribute(attr=attr) | ast.Name(id=attr)):
                    if attr == attribute:
                        return _annotation(node.annotation)
        return ""

    def _is_output(self, function: ast.expr) -> bool:
        match function:
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="sys"), attr=attr)):
                return attr in OUTPUT
        return False

    def _is_strip(self, node: ast.FunctionDef) -> bool:
        return len(node.args.args) > 1  # Strip.render(self, console)


def _is_restyling(function: ast.expr) -> bool:
    """Whether a call is that of a style sheet's `update`, which takes a node, and no text."""
    match function:
        case ast.Attribute(
            value=ast.Attribute(attr="stylesheet") | ast.Name("stylesheet"), attr="update"
        ):
            return True
    return False


def _values_of(name: str, scope: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value
            case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value):
                if found == name:
                    yield value


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _annotation(node: ast.expr | None) -> str:
    if node is None:
        return ""
    return ast.unparse(node).strip("'\"").rpartition(".")[2]


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)
