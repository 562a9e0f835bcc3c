"""A file of prompts: every line read as it is meant, or told with its number."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.catalog.loading import Catalogue, load_catalogue
from tui.generation.batch_file import Batch, read_batch
from tui.generation.draft import Draft, first_draft

CATALOGUE = load_catalogue(Path("no-cards-here"))
BASE = Draft("kling-image-o1")


def read(text: str | bytes, base: Draft = BASE, catalogue: Catalogue = CATALOGUE) -> Batch:
    return read_batch(text if isinstance(text, bytes) else text.encode(), base, catalogue)


def only(text: str, base: Draft = BASE) -> Draft:
    batch = read(text, base)
    assert batch.problems == ()
    (line,) = batch.lines
    assert line.card.id == line.draft.model
    return line.draft


def problems(text: str | bytes) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def test_a_line_is_a_prompt_and_keeps_its_number() -> None:
    text = "\ufeffa fox\r\n\n  # not this\n\tan owl, 5 # of them \n"
    assert [(line.number, line.draft.prompt) for line in read(text).lines] == [
        (1, "a fox"),
        (4, "an owl, 5 # of them"),
    ]


def test_a_file_without_prompts_has_no_lines() -> None:
    assert read("\n# nothing\n\n") == Batch()
    assert read("") == Batch()
    # A blank that is none as a byte, as editors leave one behind.
    assert read("\u00a0\n\u3000 \n\x1c\n") == Batch()


@pytest.mark.parametrize(
    "prompt",
    ["{red|blue} fox", "-- a dash", "- a fox", 'a "quoted" fox', 'it\'s {"json"}', "a --fox b"],
)
def test_what_looks_like_something_else_is_a_prompt_all_the_same(prompt: str) -> None:
    assert only(prompt).prompt == prompt


def test_a_prompt_may_end_in_flags() -> None:
    draft = only("a fox --size 2k --m seedream-4.5")
    assert (draft.prompt, draft.model) == ("a fox", "seedream-4.5")
    assert draft.own_values == {"size": "2K"}


def test_a_line_may_be_flags_alone() -> None:
    draft = only("""--prompt "a \\"red\\" fox, it's" --size=2K --model seedream-4.5 --wm off""")
    assert (draft.prompt, draft.model) == ('a "red" fox, it\'s', "seedream-4.5")
    assert draft.own_values == {"size": "2K", "watermark": False}
    assert only("--size 2k --prompt 'a fox'").prompt == "a fox"
    assert only("--prompt=--fox").prompt == "--fox"


def test_a_line_may_be_an_object() -> None:
    line = {"prompt": "a fox\nin snow", "model": "seedream-4.5", "watermark": True}
    draft = only(json.dumps({**line, "parameters": {"size": "2304×1728"}}))
    assert (draft.prompt, draft.model) == ("a fox\nin snow", "seedream-4.5")
    assert draft.own_values == {"watermark": True, "size": "2304x1728"}


def test_a_model_may_go_by_its_alias() -> None:
    assert only('{"prompt": "a fox", "model": "seedream-4-5-251128"}').model == "seedream-4.5"


def test_what_a_line_does_not_say_is_as_in_the_base() -> None:
    base = first_draft(CATALOGUE, "seedream-4.5", {"seedream-4.5": {"watermark": True}})
    for line in ("a fox", "--prompt fox", '{"prompt": "fox"}'):
        assert only(line, base).own_values == {"watermark": True}
    assert only('{"prompt": "fox", "watermark": null}', base).own_values == {}
    assert only("fox --wm off", base).own_values == {"watermark": False}


def test_a_model_that_nobody_described_takes_any_parameter() -> None:
    draft = only('{"prompt": "fox", "model": "new-one", "steps": 7, "style": "1"}')
    assert draft.own_values == {"steps": 7, "style": "1"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": "fox"', "This is not JSON: "),
        ('{"prompt": 7}', "Prompt and model must be text."),
        ('{"prompt": "fox", "model": null}', "Prompt and model must be text."),
        ('{"prompt": "fox", "parameters": [1]}', "Its parameters must be an object."),
        ('{"prompt": "fox", "size": "2K", "parameters": {"size": "1K"}}', "size is given twice."),
        ('{"prompt": "fox", "references": ["a.png"]}', "A batch takes no references."),
        ('{"prompt": "fox", "size": "large"}', "size: Write a size as"),
        ('{"prompt": "fox", "sise": "2K"}', "sise: "),
        ('{"prompt": "\\ud800"}', ""),
        ("{}", "prompt: The prompt is empty."),
        ("--size 2k", "prompt: The prompt is empty."),
        ("--prompt fox --prompt owl", "There is more than one --prompt."),
        ("--prompt a fox", "--prompt takes one value; quote it, or leave out fox."),
        ('--prompt "a fox', "Its quotes do not pair up: "),
        ("--promt fox", "--promt: "),
        ("--prompt fox --model nobody-has-it", "--model: no model is called nobody-has-it."),
        ("a fox --size", "--size: write its value."),
        ("a fox --size 1x1", "size: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line: str, message: str) -> None:
    told = problems(f"a fox\n\n{line}\n")
    assert told
    assert all(each.startswith("line 3: ") for each in told)
    assert told[0].startswith(f"line 3: {message}")
    assert len(read(f"a fox\n\n{line}\n").lines) == 1


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = b"a fox --size 1x1 --seed x\n--x 1 --y 2\nan owl\n{]\n" + b"\xff\n" + b'{"a"\n'
    numbers = [problem.number for problem in read(text).problems]
    assert numbers[-1] == 6
    assert numbers.count(2) == 2
    assert {1, 2, 5, 6} <= set(numbers)
    assert b"\xff" not in "".join(problems(text)).encode()


@pytest.mark.parametrize(
    "document", [{"prompt": "a fox"}, [{"prompt": "a fox"}, {"prompt": "an owl"}]]
)
@pytest.mark.parametrize("indent", [2, 0])
def test_an_object_over_several_lines_is_refused_and_not_taken_for_prompts(
    document: Any, indent: int
) -> None:
    assert problems(json.dumps(document, indent=indent))
    if isinstance(document, list):
        assert problems(json.dumps(document))


@given(st.text().filter(lambda text: text.strip() and len(text) < 500))
def test_any_prompt_can_be_written_as_an_object_and_most_as_flags(prompt: str) -> None:
    assert only(json.dumps({"prompt": prompt})).prompt == prompt
    if not set(prompt) & set("\n\r"):
        assert only(f"--prompt={shlex.quote(prompt)}").prompt == prompt


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.lists(
        st.binary()
        | st.text().map(str.encode)
        | st.text(alphabet="-=\"' promtsize1#{}\\").map(str.encode)
        | st.dictionaries(
            st.sampled_from(["prompt", "model", "parameters", "size", "seed", "x"]), json_values
        ).map(lambda fields: json.dumps(fields).encode()),
        max_size=6,
    )
)
def test_any_file_is_read_to_its_end(lines: list[bytes]) -> None:
    data = b"\n".join(lines)
    batch = read(data)
    numbers: list[Any] = [*batch.lines, *batch.problems]
    assert all(1 <= each.number <= data.count(b"\n") + 1 for each in numbers)
    assert not {line.number for line in batch.lines} & {p.number for p in batch.problems}
    for line in batch.lines:
        assert line.draft.prompt.strip()
        assert line.draft.violations(line.card) == ()
