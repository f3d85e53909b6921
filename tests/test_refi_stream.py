"""The stream of tags gives what the elements give, or leaves the file to them; held against them on made files."""

import gc
import random
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from refi_projects import TEXT, WORDS, coding, packed, project, quotes, selection, source

from analysis.errors import CorpusError
from analysis.readers import refi
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi import selections, stream
from analysis.readers.refi.selections import Selections

SPACES = 'xmlns:x="urn:x" xmlns:y="urn:QDA-XML:project:1.0"'
ATTRIBUTES = {
    "guid": ("s1", "{S2}", ""),
    "name": ("a &amp; b &lt;", "x\ny", "&#233; é"),
    "startPosition": ("1", "007", " 2", "-3", "x", "", "\u0663", "9" * 16),
    "endPosition": ("5", "33", "9 "),
    "creatingUser": ("u1", "{U2}"),
    "x:guid": ("z",),
}
MOSTLY = {"startPosition", "endPosition"}


class Made:
    """Projects of the elements that there are, mostly where they belong, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  # no secret
        self.parts: list[Callable[[int], str]] = [self.selection] * 8 + [self.coding] * 3 + [self.text] * 2
        self.parts += [self.description, self.comment, self.reference, self.other, self.source]

    def attributes(self) -> str:
        given = [name for name in ATTRIBUTES if self.random.random() < (0.95 if name in MOSTLY else 0.5)]
        self.random.shuffle(given)
        values = [ATTRIBUTES[name] for name in given]
        chosen = [some[0] if self.random.random() < 0.9 else self.random.choice(some) for some in values]
        return " ".join(f'{name}="{value}"' for name, value in zip(given, chosen, strict=True))

    def inner(self, depth: int, parts: list[Callable[[int], str]], most: int = 3) -> str:
        n_parts = self.random.randint(0, most) if depth < 6 else 0
        return "".join(self.random.choice(parts)(depth + 1) for _ in range(n_parts))

    def element(self, name: str, depth: int, parts: list[Callable[[int], str]]) -> str:
        prefix, space = self.random.choice(["", "", "", "x:", "y:"]), self.random.choice(["", "", ' xmlns="urn:z"'])
        return f"<{prefix}{name}{space} {self.attributes()}>{self.inner(depth, parts)}</{prefix}{name}>"

    def selection(self, depth: int) -> str:
        parts = self.random.choice([self.parts, [self.coding, self.coding, self.text, self.description]])
        return self.element("PlainTextSelection", depth, parts)

    def coding(self, depth: int) -> str:
        return self.element("Coding", depth, [self.reference, self.reference, self.text, self.other])

    def description(self, depth: int) -> str:
        parts = [self.text, self.text, self.comment] + [self.other] * (self.random.random() < 0.1)
        return f"<Description>{self.inner(depth, parts)}</Description>"

    def source(self, depth: int) -> str:
        return self.element("TextSource", depth, self.parts)

    def other(self, depth: int) -> str:
        return self.element(self.random.choice(["Odd", "Sources", "PDFSource", "Coding"]), depth, self.parts)

    def reference(self, _: int) -> str:
        return self.random.choice(['<CodeRef targetGUID="{A1}"/>', "<CodeRef/>", '<x:CodeRef targetGUID="b"/>', "<N/>"])

    def text(self, _: int) -> str:
        return self.random.choice(["\n ", "said", "&amp;&#233;", "<![CDATA[a<b]]>", ""])

    def comment(self, _: int) -> str:
        return self.random.choice(["<!-- c -->", "<?pi x?>"])

    def sources(self, depth: int) -> str:
        parts = [self.source] * 6 + [self.text, self.comment, self.other]
        return f"<Sources>{self.inner(depth, parts, 5)}</Sources>"

    def project(self) -> bytes:
        body = self.inner(0, [self.sources, self.sources, self.sources, self.source, self.other])
        space = self.random.choice(["", 'xmlns="urn:QDA-XML:project:1.0"'])
        made = f"<Project {space} {SPACES}>{body}</Project>".encode()
        if self.random.random() < 0.1:
            at = self.random.randrange(len(made))
            made = made[:at] + self.random.choice([b"", b"<", b'"', b"\xff", b"&", b"\0"]) + made[at + 1 :]
        return made


def tree(element: Element) -> Any:
    """The element, but for the text between selections, which nobody reads."""
    text = "" if element.tag.endswith("TextSource") else (element.text or "").strip()
    return element.tag, dict(element.attrib), text, [tree(child) for child in element]


def said(root: Element, found: Selections) -> Any:
    """All that selections say, but for lines, and for their GUIDs, which only messages use."""
    return [
        [
            (*kept[:4], [(one.guid, one.user, [found.keys[target] for target in one.targets]) for one in kept.codings])
            for kept in found.of(element, "x")
        ]
        for element in root.iterfind("{*}Sources/{*}TextSource")
    ]


def outcome(parsed: Callable[[bytes, str, Problems], tuple[Element, Selections]], data: bytes) -> Any:
    """What one of the two ways gives, None where it refuses the file."""
    problems = Problems("x")
    try:
        root, found = parsed(data, "x", problems)
        result = tree(root), said(root, found)
        problems.refuse()
    except CorpusError:
        return None
    return result


def test_the_stream_gives_what_the_elements_give_or_leaves_it_to_them() -> None:
    n_alike = n_left = n_selections = 0
    for seed in range(2000):
        data = Made(seed).project()
        slow, quick = outcome(selections.parsed, data), outcome(stream.parsed, data)
        assert quick in (None, slow), f"seed {seed}: {data!r}"
        n_alike += quick is not None
        n_left += slow is not None and quick is None
        n_selections += sum(map(len, quick[1])) if quick else 0
    assert n_alike > 1000
    assert 0 < n_left < 300
    assert n_selections > 500


@pytest.mark.parametrize(
    "data",
    [
        b'<a xml:id="x"><b xml:id="x"/></a>',
        '<?xml version="1.0" encoding="utf-16"?><a xml:id="x"><b xml:id="x"/></a>'.encode("utf-16"),
        b"<q:a/>",
        b'<a q:b="1"/>',
        b'<a xmlns:x="u" xmlns:y="u" x:a="1" y:a="2"/>',
        b'<a xmlns:x=""/>',
        b"<a>" * 300 + b"</a>" * 300,
        b"<a>" + b"x" * 11_000_000 + b"</a>",
        b"<a>" + (b"x" * 3_000_000 + b"<!-- -->") * 4 + b"</a>",
        b'<a x="' + b"x" * 11_000_000 + b'"/>',
        b"<a>&b;</a>",
        b"<a/><a/>",
        b"<!--" + b"x" * 70_000 + b'--><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
    ids=range(13),
)
def test_what_the_elements_refuse_the_stream_does_not_take(data: bytes) -> None:
    assert outcome(selections.parsed, data) is None
    assert outcome(stream.parsed, data) is None


def test_a_usual_project_is_not_left_to_the_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "parsed", lambda *_: pytest.fail("it was"))
    inner = selection(4, 12, f"\n <Description>minister</Description>\n {coding('a2', '&quot;1&quot;')}\n ")
    found = refi.read(packed(tmp_path, '<?xml version="1.0" encoding="utf-8"?>\n' + project(source(inner))), {})
    assert [(mark.name, mark.quote) for mark in found.marks] == [('"1"', "minister")]


def test_a_project_of_other_things_than_selections_is_left_to_the_elements() -> None:
    values = "<VariableValue><VariableRef/></VariableValue>" * 4990
    for inner in (values, WORDS * 1700 + values + values[: len(values) // 2]):
        few = project(source(inner)).encode()
        assert outcome(stream.parsed, few) == outcome(selections.parsed, few)
    assert outcome(stream.parsed, project(source(values + WORDS * 7 + values)).encode()) is None


@pytest.mark.parametrize("content", [project(source(WORDS)), project(source(selection(4, 900)))])
def test_nothing_of_the_parser_stays(content: str) -> None:
    gc.disable()
    try:
        root, found = stream.parsed(content.encode(), "x", Problems("x"))
        kept = weakref.ref(found)
        del root, found
        assert kept() is None
    finally:
        gc.enable()


def test_all_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = [selection(4, 900), selection("x", 4), selection(4, 12, coding("nope"))]
    with pytest.raises(CorpusError) as told:
        refi.read(packed(tmp_path, project(source("\n".join([WORDS, *wrong[1:2]])))), {"end": "exclusive"})
    assert [problem.line for problem in told.value.problems] == [2]
    with pytest.raises(CorpusError) as told:
        refi.read(packed(tmp_path, project(source("\n".join([WORDS, *wrong[::2]])))), {"end": "exclusive"})
    assert [problem.line for problem in told.value.problems] == [2, 3]


def test_positions_that_are_written_otherwise_are_read(tmp_path: Path) -> None:
    found = refi.read(packed(tmp_path, project(source(WORDS + selection(" 0", "3 ")))), {})
    assert (quotes(found)[-1], found.documents[0].text) == ("The", TEXT)
