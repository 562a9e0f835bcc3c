"""Records of the demo endpoint, made without a generation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.demo.pictures import picture
from tui.demo.records import Record, RecordError, Records

MODEL = "kling-image-o1"


class Shelf:
    """Puts records where the endpoint in `folder` finds them, oldest first."""

    def __init__(self, folder: Path, key: str) -> None:
        self._records = Records(folder)
        self._key = key
        self._made = 0

    def put(
        self, prompt: str = "a fox", *, ago: float = 3600.0, error: str = "", model: str = MODEL
    ) -> str:
        """The id of a record that was made so many seconds ago, with a picture unlike others."""
        record_id = self._records.new_id()
        self._made += 1
        status: Any = "failed" if error else "completed"
        names = () if error else (f"{record_id}-1.png",)
        record = Record(
            id=record_id,
            model=model,
            prompt=prompt,
            status=status,
            created_at=int(time.time() - ago),
            pictures=names,
            error=RecordError(error, "api_error") if error else None,
        )
        data = picture(16, 16) + self._made.to_bytes(4)
        self._records.save(self._key, record, [data] if names else [])
        return record_id

    def drop(self, record_id: str) -> None:
        assert self._records.delete(self._key, record_id)

    @property
    def ids(self) -> list[str]:
        """All there are, newest first."""
        return self._records._ids(self._key)[::-1]


@contextmanager
def unsettled() -> Iterator[None]:
    """Records are written without being forced onto the disk: it takes a while for a thousand."""

    def write(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.demo.records.write_durably", write)
        yield
