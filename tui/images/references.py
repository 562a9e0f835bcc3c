"""References: input images, and the copies of them that entries keep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui.files import write_durably
from tui.images.verify import extension, verify_image

FOLDER = "images/references"


@dataclass(frozen=True, slots=True)
class KeptReference:
    """A copy of an input image, named by its content and so kept once however often it is used."""

    name: str
    """File name of the original."""
    sha256: str
    file: str
    """Relative to the data folder."""


def keep_reference(source: Path, data_folder: Path) -> KeptReference:
    """Copy the image at `source` into `data_folder`.

    Raises NotAnImage when it is none that can be sent, and OSError.
    """
    facts = verify_image(source)
    file = f"{FOLDER}/{facts.sha256}.{extension(facts.format)}"
    target = data_folder / file
    if not target.exists():
        write_durably(target, source.read_bytes())
    return KeptReference(source.name, facts.sha256, file)
