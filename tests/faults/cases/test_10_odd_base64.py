"""The picture comes as base64 that is not quite that.

A data URL's beginning, blanks, line breaks and missing padding leave no doubt of what is meant, and
the picture is kept. Where letters are none of base64's, or some are missing, there is no picture:
`unknown`, with what came kept in the entry.
"""

from __future__ import annotations

import base64
from collections import Counter

from tests.api.origins import reply, success
from tests.cli.conftest import Home
from tests.faults.cases.session import (
    answer_by_word,
    configure,
    origin_with,
    picture_file,
    studio_in,
)

PICTURE = picture_file()
CODE = base64.b64encode(PICTURE).decode()
assert CODE.endswith("=")
TOLERATED = {
    "prefix": f"data:image/png;base64,{CODE}",
    "prefix-odd": f"data:image/jpeg;charset=utf-8;base64,{CODE}",
    "lines": "\r\n".join(CODE[start : start + 64] for start in range(0, len(CODE), 64)),
    "blanks": f" \t{CODE[:40]} {CODE[40:]}\n",
    "no-padding": CODE.rstrip("="),
}
REFUSED = {
    "other-letters": CODE[:40] + "*&%$" + CODE[44:],
    "beyond-ascii": CODE[:40] + "äöüß" + CODE[44:],
    "one-too-many": CODE.rstrip("=")[: len(CODE) // 4 * 4 - 4] + "A",
    "empty": "",
    "prefix-alone": "data:image/png;base64,",
    "half": CODE[: len(CODE) // 8 * 4],
}


def test_what_is_meant_is_kept_and_nothing_else(home: Home) -> None:
    codes = TOLERATED | REFUSED
    answers = {word: reply(body=success(data=[{"b64_json": code}])) for word, code in codes.items()}
    with origin_with(answer_by_word(**answers)) as origin:
        configure(home, config={"queue": {"at_once": 16}}, studio=f"{origin.url}/v1")
        with studio_in(home) as studio:
            entries = studio.ends_of("case10", codes)
            studio.leave()
    for word in TOLERATED:
        (image,) = entries[word].images
        assert entries[word].status == "done"
        assert home.store.absolute(image.file).read_bytes() == PICTURE
    for word, code in REFUSED.items():
        error = entries[word].error
        assert error is not None
        assert (error.kind, error.charged) == ("bad_response", "maybe")
        if word == "half":
            continue
        assert entries[word].status == "unknown"
        assert f'"b64_json": "{code[:20].replace(",", "")}' in error.body
    # Half a file is base64 all the same; its bytes are kept beside the pictures.
    (rejected,) = home.folder.rglob("*.rejected")
    assert rejected.name == f"{entries['half'].id}-1.rejected"
    assert rejected.read_bytes() == PICTURE[: len(rejected.read_bytes())]
    assert entries["half"].status == "failed"
    sent = [request for request in origin.requests if request.method == "POST"]
    assert Counter(request.document["prompt"].split()[-1] for request in sent) == dict.fromkeys(
        codes, 1
    )
