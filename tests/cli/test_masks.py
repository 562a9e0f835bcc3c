"""darkroom generate --mask: what is sent and kept, and what is refused before that."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.cli.conftest import QUICK, Home, Run
from tests.demo.pictures import mask
from tests.history.entries import DONE
from tui.history.entry import MASK, EntryReference

EDITS = '[endpoints.demo]\nreferences = "edits"\n'


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    path = tmp_path / "my sketch.png"
    Image.new("RGB", (320, 300), "teal").save(path)
    return path


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    path = tmp_path / "my cover.png"
    path.write_bytes(mask(320, 300))
    return path


def test_a_mask_is_sent_with_the_references_and_kept_with_the_entry(
    home: Home, run: Run, sketch: Path, cover: Path
) -> None:
    home.configure(EDITS)
    finished = run("generate", "a fox", *QUICK, "-i", str(sketch), "--mask", str(cover))
    assert finished.code == 0, finished.err
    entry = home.entry
    sha256 = hashlib.sha256(cover.read_bytes()).hexdigest()
    reference, masked = entry.references
    assert (reference.name, reference.role) == ("my sketch.png", "")
    assert masked == EntryReference(
        "my cover.png", sha256, f"images/references/{sha256}.png", role=MASK
    )
    assert home.store.absolute(masked.file).read_bytes() == cover.read_bytes()
    assert entry.reference_count == 1
    shown = run("history", "show", entry.id)
    assert "my cover.png" in shown.out

    cover.unlink()
    again = run("generate", "--from", entry.id, "--dry-run", "--json")
    document = json.loads(again.out)
    assert document["url"] == "http://demo.invalid/v1/images/edits"
    parts = document["body"]
    assert {part["name"]: part.get("value", part.get("filename")) for part in parts} == {
        "model": "kling-image-o1",
        "prompt": "a fox",
        "size": "1k",
        "image": "image-1.png",
        "mask": "mask.png",
    }
    assert parts[-1] == {
        "name": "mask",
        "filename": "mask.png",
        "content_type": "image/png",
        "bytes": len(mask(320, 300)),
        "sha256": sha256,
    }
    assert "my " not in again.out, "no name of a file leaves this machine"
    read = run("generate", "--from", entry.id, "--dry-run").out
    assert "\nprompt=a fox\n" in read
    assert f"\nmask=@mask.png (image/png, {len(mask(320, 300)):,} bytes)\n" in read
    command = run("curl", entry.id).out
    assert f'-F \'mask=@"{home.store.absolute(masked.file)}";type=image/png;' in command


def test_another_mask_takes_the_place_of_the_entrys(
    home: Home, run: Run, sketch: Path, cover: Path
) -> None:
    home.configure(EDITS)
    run("generate", "a fox", *QUICK, "-i", str(sketch), "--mask", str(cover))
    first = home.entry
    Image.new("RGBA", (320, 300)).save(cover)
    assert run("generate", "--from", first.id, "--mask", str(cover)).code == 0
    second = next(entry for entry in home.entries if entry.id != first.id)
    assert second.references[0] == first.references[0]
    assert [reference.role for reference in second.references] == ["", MASK]
    assert second.references[1].sha256 == hashlib.sha256(cover.read_bytes()).hexdigest()


def test_what_is_no_mask_for_the_reference_is_refused(
    home: Home, run: Run, sketch: Path, cover: Path, tmp_path: Path
) -> None:
    home.configure(EDITS)
    jpeg, small, text = (tmp_path / name for name in ("a.jpg", "b.png", "c.png"))
    Image.new("RGB", (320, 300)).save(jpeg)
    small.write_bytes(mask(300, 320))
    text.write_text("no picture")
    reference = ("-i", str(sketch))
    for arguments, file, reasons in (
        (reference, jpeg, [f"{jpeg}: a mask is a PNG, and this is none; nothing was sent"]),
        (
            reference,
            small,
            [
                "references: b.png: A mask is as large as the first reference is sent: 320×300"
                " pixels, and this one has 300×320.",
                "nothing was sent",
            ],
        ),
        (
            reference,
            text,
            ["references: c.png: The file is not a PNG, JPEG or WebP image.", "nothing was sent"],
        ),
        (
            reference,
            tmp_path / "d.png",
            [f"references: d.png: There is no such file: {tmp_path}/d.png.", "nothing was sent"],
        ),
        (
            (),
            cover,
            ["--mask needs the reference that it belongs to: -i FILE; nothing was sent"],
        ),
    ):
        for dry in ((), ("--dry-run",)):
            finished = run("generate", "a fox", *QUICK, *arguments, "--mask", str(file), *dry)
            assert (finished.code, finished.out) == (2, "")
            assert finished.complaints == reasons
    assert home.entries == ()
    assert not (home.folder / "images").exists()


def test_an_endpoint_without_edits_takes_no_mask_however_it_came(
    home: Home, run: Run, sketch: Path, cover: Path
) -> None:
    reference = EntryReference("sketch.png", file="images/s.png")
    entry = replace(
        DONE,
        model="kling-image-o1",
        parameters={},
        references=(reference, EntryReference(role=MASK)),
    )
    home.store.write(entry)
    named = ("a fox", *QUICK, "-i", str(sketch), "--mask", str(cover))
    for arguments in (named, (*named, "--dry-run")):
        finished = run("generate", *arguments)
        assert (finished.code, finished.out) == (2, "")
        (complaint,) = finished.complaints
        assert complaint.startswith("demo takes no mask: its references go into a field")
        assert 'write references = "edits" under [endpoints.demo] in config.toml' in complaint
        assert complaint.endswith("; nothing was sent")
    copy = home.store.absolute("images/s.png")
    copy.parent.mkdir(parents=True)
    copy.write_bytes(sketch.read_bytes())
    finished = run("generate", "--from", entry.id)
    assert finished.code == 2
    assert finished.complaints[0].startswith("demo takes no mask")
    assert home.entries == (entry,)


def test_a_mask_is_as_large_as_the_reference_is_when_it_is_sent(
    home: Home, run: Run, tmp_path: Path
) -> None:
    home.configure(EDITS)
    photo, cover = tmp_path / "photo.jpg", tmp_path / "cover.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 300)).save(photo, exif=exif)
    for size, code in (((300, 400), 0), ((400, 300), 2)):
        cover.write_bytes(mask(*size))
        arguments = (*QUICK, "-i", str(photo), "--mask", str(cover), "--dry-run")
        assert run("generate", "a fox", *arguments).code == code


def test_what_a_mask_says_of_its_making_stays_here_and_its_pixels_go(
    home: Home, run: Run, sketch: Path, cover: Path
) -> None:
    home.configure(EDITS)
    told = PngInfo()
    told.add_text("Author", "somebody")
    with Image.open(cover) as image:
        image.save(cover, pnginfo=told)
        pixels = image.tobytes()
    assert run("generate", "a fox", *QUICK, "-i", str(sketch), "--mask", str(cover)).code == 0
    kept = home.store.absolute(home.entry.references[1].file)
    assert b"somebody" not in kept.read_bytes()
    with Image.open(kept) as image:
        assert (image.mode, image.tobytes()) == ("RGBA", pixels)
