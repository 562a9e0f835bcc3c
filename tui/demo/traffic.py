"""What the endpoint was asked and what it did, counted for tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import Scope

GENERATIONS = "/v1/images/generations"
EDITS = "/v1/images/edits"
_CREDENTIALS = ("authorization", "proxy-authorization", "x-api-key", "api-key", "cookie")


@dataclass
class Traffic:
    """Counts since the application was made; keys themselves are not kept."""

    requests: Counter[str] = field(default_factory=Counter)
    """By method and path, as "POST /v1/images/generations"."""
    posts_by_idempotency_key: Counter[str] = field(default_factory=Counter)
    """Generations asked for, edits among them; those without an Idempotency-Key under ""."""
    posts_by_prompt: Counter[str] = field(default_factory=Counter)
    """Generations asked for whose body came whole and has a prompt."""
    carried_out: Counter[str] = field(default_factory=Counter)
    """Generations that made pictures, and so were charged, by prompt."""
    pictures: int = 0
    """Pictures that were made."""
    credentials: list[tuple[str, str]] = field(default_factory=list)
    """Path and header of credentials that came where none belong: outside /v1."""

    @property
    def posts(self) -> int:
        """Generations asked for."""
        return self.posts_by_idempotency_key.total()

    def arrived(self, scope: Scope) -> None:
        """A request has come; of its body nothing is known yet."""
        method, path, headers = scope["method"], scope["path"], Headers(scope=scope)
        self.requests[f"{method} {path}"] += 1
        if method == "POST" and path in (GENERATIONS, EDITS):
            self.posts_by_idempotency_key[headers.get("idempotency-key", "")] += 1
        if not path.startswith("/v1/"):
            self.credentials += [(path, name) for name in _CREDENTIALS if name in headers]

    def made(self, prompt: str, pictures: int) -> None:
        """A generation was carried out."""
        self.carried_out[prompt] += 1
        self.pictures += pictures
