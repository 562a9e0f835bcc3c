"""The ways by which references come into the draft, and what is wanted of those in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from textual.screen import Screen

from tui.catalog.card import MENTION
from tui.generation.pasted import pasted_references
from tui.generation.reference_slots import numbers_of
from tui.generation.references import DraftReference
from tui.history.entry import MASK, Entry, EntryImage
from tui.images.prepared import TREATMENTS, UnfitReference
from tui.screens.apart import apart
from tui.screens.drafting import Drafting
from tui.screens.entries import Entries, Refused
from tui.screens.picture_walk import Sight
from tui.screens.referencing import Referencing
from tui.text import one_line, storable
from tui.widgets.prompt_editor import Paste
from tui.widgets.reference_slots import ReferenceSlots
from tui.widgets.steady import open_over

LONGEST_NAME = 60
"""Characters of a prompt that a picture is called by."""
_BRIEF = 3.0
"""Seconds for which it is said that something went well."""


class ReferenceWays:
    """Adds references from files, pastes, the clipboard and history, and says what came of it."""

    def __init__(
        self,
        screen: Screen[None],
        drafting: Drafting,
        referencing: Referencing,
        entries: Entries,
        slots: Callable[[], ReferenceSlots],
        from_clipboard: Callable[[], Awaitable[DraftReference]],
    ) -> None:
        """`from_clipboard` gives the picture on the clipboard, or raises UnfitReference."""
        self._screen = screen
        self._drafting = drafting
        self._referencing = referencing
        self._entries = entries
        self._slots = slots
        self._from_clipboard = from_clipboard
        self._folder: Path | None = None
        """Where files were chosen last."""
        self._pasted: tuple[DraftReference, ...] = ()
        """What came of the last paste into the editor."""

    def do(self, wished: ReferenceSlots.Wished) -> None:
        """Do what is wanted of a reference by its index."""
        index, referencing = wished.index, self._referencing
        if wished.wish not in ("add", "clipboard", "undo") and index >= len(self._held):
            return
        match wished.wish:
            case "add":
                self.choose()
            case "clipboard":
                self.paste_picture()
            case "undo":
                self._slots().go_to(referencing.undo())
            case "view":
                self._run(self._view(index), "Shows a reference")
            case "remove":
                referencing.remove(index)
            case "treatment":
                reference = self._held[index]
                turned = TREATMENTS.index(reference.treatment) + 1
                treatment = TREATMENTS[turned % len(TREATMENTS)]
                referencing.change(index, replace(reference, treatment=treatment))
            case "mask":
                reference = self._held[index]
                role = "" if reference.is_mask else MASK
                referencing.change(index, replace(reference, role=role))
            case "retry":
                referencing.retry(index)
            case "mention":
                self._mention(index)
            case "sooner":
                referencing.move(index, index - 1)
            case "later":
                referencing.move(index, index + 1)

    def choose(self) -> None:
        """Let the user choose files."""
        self._run(self._choose(), "Opens the list of files")

    def paste_picture(self) -> None:
        """Add the picture on the clipboard."""
        self._run(self._paste_picture(), "Takes the picture on the clipboard")

    def paste(self, text: str) -> None:
        """Add what was pasted for that."""
        if text:
            self._run(self._paste(text), "Finds what was pasted")
        else:
            self.paste_picture()

    def take_from_prompt(self, paste: Paste) -> None:
        """Have what was pasted into the prompt as references, if it is nothing else."""
        self._run(self._take_from_prompt(paste), "Finds what was pasted")

    def give_back(self) -> None:
        """Have what was taken from the prompt as references no more."""
        held, pasted = self._held, set(self._pasted)
        for index in reversed(range(len(held))):
            if held[index] in pasted:
                self._referencing.remove(index)
        self._pasted = ()

    def use(self, entry: Entry, number: int) -> None:
        """Add a picture of an entry, by its index."""
        self._add([_reference(entry, entry.images[number])])

    def use_sight(self, sight: Sight) -> None:
        """Add a picture that is seen."""
        self.use(sight.entry, sight.number)

    def use_pictures(self, ids: Sequence[str], number: int = 1) -> None:
        """Add a picture of each entry: that of the number, or its last."""
        self._run(self._use_pictures(ids, number), "Adds pictures of entries")

    @property
    def _held(self) -> tuple[DraftReference, ...]:
        return self._drafting.draft.references

    async def _choose(self) -> None:
        # In a thread, since it takes a moment the first time.
        await asyncio.to_thread(_load_screens)
        from tui.screens.reference_picker import ReferencePicker, first_folder

        if self._folder is None:
            self._folder = await asyncio.to_thread(first_folder)
        picker = ReferencePicker(self._folder, self._entries.previews)

        def chosen(files: tuple[Path, ...] | None) -> None:
            self._folder = picker.folder
            if files:
                self._add([DraftReference(storable(file.name), str(file)) for file in files])

        open_over(self._screen, picker, chosen)

    async def _view(self, index: int) -> None:
        state = self._referencing.states[index]
        if state.prepared is None:
            words = "It is still being made ready." if state.is_pending else state.problem
            self._tell(words or "Only its address is sent. What lies there is not seen here.")
            return
        await asyncio.to_thread(_load_screens)
        from tui.screens.reference_view import ReferenceView

        states = self._referencing.states
        # It may have gone meanwhile.
        if index < len(states) and states[index].prepared is not None:
            open_over(self._screen, ReferenceView(states, index, self._entries.previews))

    async def _paste_picture(self) -> None:
        try:
            reference = await self._from_clipboard()
        except UnfitReference as error:
            self._tell(str(error))
        else:
            self._add([reference])

    async def _paste(self, text: str) -> None:
        found = await apart(partial(pasted_references, text, any_address=True))
        if found:
            self._add(found)
        else:
            self._tell(f"There is no such file, and it is no address: {text}")

    async def _take_from_prompt(self, paste: Paste) -> None:
        found = await apart(partial(pasted_references, paste.text))
        # It stays text where it cannot be a reference, and where somebody wrote into it meanwhile.
        fitting = self._referencing.fitting(found)
        if found and not fitting:
            self._add(found)
        elif fitting and self._drafting.editor.take_out(paste):
            self._pasted = self._add(found)

    async def _use_pictures(self, ids: Sequence[str], number: int) -> None:
        found: list[DraftReference] = []
        problem = ""
        for entry_id in ids:
            try:
                entry = await self._entries.read(entry_id)
            except Refused as refusal:
                problem = str(refusal)
                continue
            images = [image for image in entry.images if not image.missing]
            if images:
                found.append(_reference(entry, images[min(number, len(images)) - 1]))
            else:
                problem = "This entry has no picture."
        if found:
            self._add(found)
        elif problem:
            self._tell(problem)

    def _mention(self, index: int) -> None:
        card = self._drafting.card
        mention = MENTION if card.references is None else card.references.mention
        words = mention.replace("{}", numbers_of(self._held)[index])
        self._drafting.editor.insert_words(words)
        self._screen.notify(one_line(f"In the prompt now: {words}"), timeout=_BRIEF)

    def _add(self, references: Sequence[DraftReference]) -> tuple[DraftReference, ...]:
        """Add them, and say what came of it; those that were added."""
        before = self._held
        problem = self._referencing.add(references)
        added = self._held[len(before) :]
        slots = self._referencing.slots
        if problem:
            words = f"{len(added)} added. {problem}" if added else problem
            self._tell(words)
        elif not slots.is_taken:
            self._tell(slots.note)
        elif added:
            words = f"Reference {slots.title}: {added[0].name}"
            if len(added) > 1:
                words = f"{len(added)} references added: {slots.title}"
            self._screen.notify(one_line(words, limit=200), timeout=_BRIEF)
        if added and self._slots().has_focus:
            self._slots().go_to(len(self._held) - 1)
        return added

    def _tell(self, problem: str) -> None:
        self._screen.notify(one_line(problem, limit=300), title="References", severity="warning")

    def _run(self, work: Coroutine[None, None, None], description: str) -> None:
        self._screen.run_worker(
            work, group="reference-ways", description=description, exit_on_error=False
        )


def _reference(entry: Entry, image: EntryImage) -> DraftReference:
    """A picture of history, called by what it shows."""
    name = " ".join(entry.prompt.split())[:LONGEST_NAME].strip()
    return DraftReference(storable(name) or Path(image.file).name, image.file)


def _load_screens() -> None:
    import tui.screens.reference_picker
    import tui.screens.reference_view  # noqa: F401
