"""What a server's OpenAPI description says of making pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui.api.reading import table, text
from tui.config import JSON

_MAX_DEPTH = 6
_PLACE = "#/components/schemas/"


def describes_generations(description: JSON) -> bool | None:
    """Whether the server offers `POST …/images/generations`; None when it describes nothing."""
    paths = table(table(description).get("paths"))
    if not paths:
        return None
    return any(True for _ in _posts(paths))


def described_formats(description: JSON) -> tuple[str, ...]:
    """The values that the server takes as `response_format`, as far as its description says."""
    schemas = table(table(table(description).get("components")).get("schemas"))
    found: dict[str, None] = {}
    for post in _posts(table(table(description).get("paths"))):
        content = table(table(post.get("requestBody")).get("content"))
        for kind in content.values():
            properties = _properties(table(kind).get("schema"), schemas)
            found |= dict.fromkeys(_values(properties.get("response_format"), schemas))
    return tuple(found)


def _posts(paths: Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    for path, methods in paths.items():
        if path.endswith("/images/generations") and "post" in table(methods):
            yield table(table(methods)["post"])


def _properties(schema: JSON, schemas: Mapping[str, JSON]) -> Mapping[str, JSON]:
    return table(_followed(table(schema), schemas).get("properties"))


def _values(schema: JSON, schemas: Mapping[str, JSON], depth: int = 0) -> Iterator[str]:
    """The texts that `schema` lists, those of its alternatives included."""
    if depth > _MAX_DEPTH:
        return
    node = _followed(table(schema), schemas)
    listed = node.get("enum")
    for value in (*(listed if isinstance(listed, list) else ()), node.get("const")):
        if isinstance(value, str) and value:
            yield value
    for name in ("anyOf", "oneOf", "allOf"):
        inner = node.get(name)
        for alternative in inner if isinstance(inner, list) else ():
            yield from _values(alternative, schemas, depth + 1)


def _followed(node: Mapping[str, JSON], schemas: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """What `node` refers to, or else itself."""
    reference = text(node.get("$ref"))
    return table(schemas.get(reference.removeprefix(_PLACE))) if reference else node
