"""Entries that speak of something are found, and nothing else is waited for."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from tests.history.entries import DONE
from tui.history.mentions import find_mentions
from tui.history.store import LARGEST_ENTRY, HistoryStore
from tui.paths import Paths


@pytest.fixture
def store(paths: Paths) -> HistoryStore:
    return HistoryStore(paths)


def test_entries_are_found_by_what_stands_in_their_files(store: HistoryStore, paths: Paths) -> None:
    entry = replace(DONE, prompt='a "fox"\nin the snow')
    store.write(entry)
    assert find_mentions(paths, ['"fox"\nin']) == [entry]
    assert find_mentions(paths, ["owl", ""]) == []
    assert find_mentions(paths, ['"fox"\nin'], only_in_trash=True) == []


def test_what_is_no_entry_is_left_out(store: HistoryStore, paths: Paths) -> None:
    store.write(DONE)
    folder = store.entry_path(DONE.id).parent
    os.mkfifo(folder / "pipe.toml")
    (folder / "folder.toml").mkdir()
    (folder / "link.toml").symlink_to("nowhere")
    (folder / "text.toml").write_text(DONE.prompt)
    with (folder / "large.toml").open("wb") as file:
        file.write(DONE.prompt.encode())
        file.truncate(LARGEST_ENTRY + 1)
    assert find_mentions(paths, [DONE.prompt]) == [DONE]
