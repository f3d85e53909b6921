"""What changed as pages show it, mails carry it and feed readers read it: escaped, short, and the same each time."""

import datetime as dt
import re

import pytest
from corpus_builder import said, tables
from lxml import etree, html

from analysis import changes
from analysis.changes import Entry, Summary, atom, mail, pages, wording
from analysis.figures.marks import STATES
from analysis.stance import stance_cells

HOSTILE = "<script>alert(1)</script>\"'&\u202e\x00\x0b{{ 7*7 }}"
NOW = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def summary(n: int = 3, *, text: str = "words") -> Summary:
    """A summary in which `n` statements are new, `n` recoded, and as many cells changed; `text` stands everywhere."""
    old = tables([said("one", f"p{at}", "toll", 1.0, quote=f"{text} {at}", gloss=text) for at in range(n)])
    new = tables(
        [said("one", f"p{at}", "toll", -1.0, quote=f"{text} {at}", gloss=text) for at in range(n)]
        + [said("two", f"q{at}", "toll", 0.5, quote=f"{text} new {at}") for at in range(n)]
    )
    new.actors["name"] = text
    new.articles["title"] = text
    return changes.compare(old, new, cells=(stance_cells(old), stance_cells(new)))


def nothing() -> Summary:
    one = tables([said("one", "ann", "toll", 1.0)])
    return changes.compare(one, one)


# Words.
@pytest.mark.parametrize(
    ("value", "told"), [(1, "+1"), (-0.5, "−0.5"), (2 / 3, "+0.67"), (0.001, "0"), (-0.0, "0"), (float("nan"), "none")]
)
def test_a_stance_in_words(value: float, told: str) -> None:
    assert wording.signed(value) == told


def test_texts_are_cleaned_and_cut() -> None:
    assert wording.clean(HOSTILE + "\ud800") == "<script>alert(1)</script>\"'&{{ 7*7 }}"
    assert wording.clean(None) == wording.clean(float("nan")) == ""
    assert wording.clipped("a  b\n c" + "x" * 100, 10) == "a b cxxx …"
    assert len(wording.clipped("x" * 100, 10)) == 10
    assert wording.quoted(None) == "none"


# The block.
def test_the_block_says_it_in_a_sentence_and_folds_the_tables() -> None:
    page = html.fromstring(changes.block(summary(), heading="What is new", link="x.changes.json"))
    assert page.get("class") == "changes"
    assert page.findtext("h2") == "What is new"
    assert page.findtext("p").startswith("3 new statements from 1 new article, 3 revised;")
    assert [each.text for each in page.iter("h3")] == ["Cells", "Evidence", "Articles", "Codebook"]
    assert page.find("details").get("open") is None
    assert [len(table.findall("tbody/tr")) for table in page.iter("table")] == [6, 6, 2, 6]
    first = page.find(".//tbody/tr")
    assert [" ".join(cell.text_content().split()) for cell in first] == [
        "words", "toll", "flipped", "+ support +11 article", "− oppose −11 article"
    ]  # fmt: skip


def test_a_block_without_news_is_one_sentence() -> None:
    page = html.fromstring(changes.block(nothing()))
    assert page.findtext("p") == "No change."
    assert page.find("details") is None


def test_the_block_shows_so_many_rows_and_counts_the_rest() -> None:
    page = changes.block(summary(10), rows=4, link="a&b.json")
    assert page.count('and 16 more in <a href="a&amp;b.json">a&amp;b.json</a>') == 3
    assert len(html.fromstring(page).findall(".//tbody/tr")) == 4 + 4 + 2 + 4


@pytest.mark.parametrize("text", ["w" * 3000, '"' * 3000, "<" * 3000, "😀" * 3000, "'&<>\"" * 600])
def test_the_block_stays_below_its_limit_whatever_stands_in_it(text: str) -> None:
    found = summary(30, text=text)
    for rows in (12, 1000):
        page = changes.block(found, rows=rows)
        assert len(page.encode()) < pages.LIMIT == 30_000
        assert "more in" in page


def test_everything_in_a_block_is_escaped() -> None:
    page = changes.block(summary(text=HOSTILE), heading=HOSTILE, link='javascript:alert("x")')
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert not re.search("[\u202e\x00\x0b\ud800]", page)
    assert "href=" not in page
    tree = html.fromstring(page)
    assert not tree.findall(".//script")
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on") or name == "src"]


def test_a_block_needs_no_colour_and_takes_its_colours_from_the_figures() -> None:
    page = changes.block(summary())
    for name, look in STATES.items():
        assert f".changes-{name} {{ background: {look.fill}; color: {look.ink}; }}" in page
        assert wording.GLYPHS[name] == look.glyph
        mail_look = f"background-color:{look.fill};color:{look.ink};"
        assert (
            mail_look in (pages.shown.template("email.html.j2").environment.loader.get_source(None, "email.html.j2")[0])
        )
    assert "http" not in page
    assert "url(" not in page


def test_the_same_summary_gives_the_same_block() -> None:
    assert changes.block(summary()) == changes.block(summary())


# The mail.
def test_the_mail_tells_failures_first_then_changes_and_counts_the_rest() -> None:
    entries = [
        Entry("a", "Quiet", changes=nothing().as_json()),
        Entry("b", "Loud", "b.html", changes=summary().as_json()),
        Entry("c", "Told", "https://example.org/c.html", sentence="2 new statements."),
        Entry("d", "Broken", "d.html", error="cell 3 of 9"),
        Entry("e", "Quiet too", sentence="No change."),
    ]
    page = html.fromstring(changes.email("Weekly", entries, intro="From the archive."))
    assert page.get("lang") == "en"
    assert page.findtext(".//h1") == "Weekly"
    assert [link.text for link in page.iter("a")] == ["Broken", "Loud", "Told"]
    text = " ".join(page.text_content().split())
    assert "The last run failed: cell 3 of 9" in text
    assert "2 reports did not change." in text
    assert [" ".join(cell.text_content().split()) for cell in page.xpath("//p/following-sibling::table//td")][:3] == [
        "words on toll", "flipped", "+ support +1 (1 article) → − oppose −1 (1 article)"
    ]  # fmt: skip
    assert "and 1 more cell" in text
    assert "Quiet" not in text
    assert {table.get("role") for table in page.iter("table")} == {"presentation"}
    assert not [each.tag for each in page.iter("script", "style", "link", "img")]
    assert changes.email("Weekly", entries) == changes.email("Weekly", entries)


def test_a_mail_without_reports_says_so() -> None:
    assert "No report." in changes.email("x", [])
    assert "not shown here" not in changes.email("x", [])


@pytest.mark.parametrize("text", ["Title", '"' * 300, "😀" * 300])
def test_a_mail_on_a_thousand_reports_is_short_and_counts_what_it_left_out(text: str) -> None:
    found = summary(20, text=text)
    entries = [
        Entry(f"r{at}", text, f"r{at}.html", changes=found.as_json(), error="no" * (at % 10 == 0)) for at in range(1000)
    ]
    page = changes.email(text * 3, entries, intro=text * 9)
    assert len(page.encode()) < mail.LIMIT == 100_000
    told = len(re.findall('href="r', page))
    left = [int(n) for n in re.findall(r"(\d+) more reports? (?:failed|changed); not shown", page)]
    assert told + sum(left) == 1000
    assert left


def test_a_mail_on_ten_thousand_changes_is_short() -> None:
    old = tables()
    new = tables([said(f"a{at % 50}", f"p{at % 100}", f"i{at % 97}", 1.0, quote=f"words {at}") for at in range(10_000)])
    found = changes.compare(old, new, cells=(stance_cells(old), stance_cells(new)))
    assert len(found.evidence) == 10_000
    page = changes.email("x", [Entry("a", "A", "a.html", changes=found.as_json())])
    assert len(page.encode()) < 10_000
    assert "and 9,997 more changes of evidence" in page
    assert len(changes.block(found).encode()) < pages.LIMIT
    assert "and 9,988 more in" in changes.block(found)


def test_everything_in_a_mail_is_escaped() -> None:
    entry = Entry("a", HOSTILE, "javascript:alert(1)", changes=summary(text=HOSTILE).as_json())
    page = changes.email(HOSTILE, [entry, Entry("b", "B", " JavaScript:x", error=HOSTILE + "\ud800")], intro=HOSTILE)
    assert "<script" not in page
    assert "href=" not in page
    assert not re.search("[\u202e\x00\x0b\ud800]", page)


# The feed.
def fed(entries: list[Entry], **more: str) -> etree._Element:
    return etree.fromstring(changes.feed("News", entries, site="town", updated=NOW, **more))


def test_the_feed_has_what_atom_demands() -> None:
    later = NOW + dt.timedelta(hours=1)
    entries = [
        Entry("a", "A", "a.html", changes=summary().as_json(), version="1", updated=NOW),
        Entry("a", "A", "a.html", sentence="2 new statements.", version="2", updated=later),
        Entry("b", "B", error="boom", updated=dt.datetime(2024, 6, 30, 1)),
    ]
    root = fed(entries, base="https://example.org/reports/", own="https://example.org/reports/feed.xml")
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}title") == "News"
    assert root.findtext(f"{ATOM}updated") == "2024-07-01T12:00:00+00:00"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Stancebook"
    assert root.findtext(f"{ATOM}generator") == "Stancebook"
    assert {(link.get("rel"), link.get("href")) for link in root.findall(f"{ATOM}link")} == {
        ("alternate", "https://example.org/reports/"), ("self", "https://example.org/reports/feed.xml")
    }  # fmt: skip
    items = root.findall(f"{ATOM}entry")
    assert [item.findtext(f"{ATOM}updated") for item in items] == [
        "2024-07-01T13:00:00+00:00", "2024-07-01T12:00:00+00:00", "2024-06-30T01:00:00+00:00"
    ]  # fmt: skip
    ids = [root.findtext(f"{ATOM}id"), *(item.findtext(f"{ATOM}id") for item in items)]
    assert len(set(ids)) == 4
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", str(each)) for each in ids)
    assert items[0].find(f"{ATOM}link").get("href") == "https://example.org/reports/a.html"
    assert items[2].find(f"{ATOM}link") is None
    for item in items:
        assert item.findtext(f"{ATOM}title")
        assert item.find(f"{ATOM}content").get("type") == "html"
    assert "words on toll, flipped: + support +1 → − oppose −1" in items[1].findtext(f"{ATOM}content")


def test_ids_of_a_feed_stay_and_twins_are_left_out() -> None:
    one, two = Entry("a", "A", sentence="x", version="1"), Entry("b", "B", sentence="y", version="1")
    ids = [{each.text for each in fed(some).iter(f"{ATOM}id")} for some in ([one], [one, two, one], [two, one])]
    assert ids[0] < ids[1] == ids[2]
    assert len(fed([one, two, one]).findall(f"{ATOM}entry")) == 2
    other = etree.fromstring(changes.feed("News", [one], site="other", updated=NOW))
    assert not {each.text for each in other.iter(f"{ATOM}id")} & ids[0]


def test_the_same_entries_give_the_same_bytes() -> None:
    entries = [Entry(f"r{at}", "T", "t.html", changes=summary().as_json(), version="1") for at in range(3)]
    assert len({changes.feed("News", entries, site="town", updated=NOW) for _ in range(2)}) == 1
    assert changes.feed("N", entries, site="s", updated=NOW) == changes.feed("N", entries[::-1], site="s", updated=NOW)


def test_a_feed_of_hostile_texts_can_be_read_and_shows_them_as_text() -> None:
    entry = Entry(
        HOSTILE, HOSTILE, "javascript:alert(1)", changes=summary(text=HOSTILE).as_json(), version=HOSTILE + "\ud800"
    )
    root = fed([entry, Entry("b", "\x00", "b.html", error=HOSTILE)], base="javascript:x", own="\x00")
    content = html.fromstring(str(root.findtext(f"{ATOM}entry/{ATOM}content")))
    assert not content.findall(".//script")
    assert "<script>alert(1)" in content.text_content()
    assert "javascript:" not in {str(link.get("href"))[:11] for link in root.iter(f"{ATOM}link")}


def test_a_feed_keeps_the_newest() -> None:
    entries = [Entry("a", "A", sentence="x", version=f"{at}", updated=NOW + dt.timedelta(days=at)) for at in range(300)]
    times = [each.findtext(f"{ATOM}updated") for each in fed(entries).findall(f"{ATOM}entry")]
    assert len(times) == atom.MOST
    assert times[0] == "2025-04-26T12:00:00+00:00"
    assert times == sorted(times, reverse=True)
    assert fed([]).findtext(f"{ATOM}title") == "News"
