"""Small files of every format that is read, and ways to damage them: bytes, structure, packing, and what lies around.

A seed is a folder: `source/` or a file in it is what is read, `mapping.yaml` beside it says what it means. A mutation
takes the bytes of one file and gives others; where a structural one does not apply, bytes are flipped instead.
"""

# ruff: noqa: E501, S608  # data, a line each, SQL of our own

import csv
import io
import json
import random
import re
import sqlite3
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from lxml import etree

Files = dict[str, bytes]
_WORDS = ("", " ", "-1", "0", "1e400", "NaN", "null", "true", "9" * 400, "2147483648", "18446744073709551616", "0x1f", "1_0",
          "١٢", "a;b", "../../x", "/etc/passwd", "..", "CON", "a/b", "a\nb", "a\tb", "a\r\nb", "\ufeff", "🚢", "e\u0301", "👨\u200d👩\u200d👧", "\u2028",
          "\x7f", "\x1b[31m", "{", "[", "'", '"', "<", "&", "&x;", "=1+1", "%s", "*", "~", "x" * 300, "y" * 70_000, "1970", "2024-02-30",
          "0000-00-00", "99999-01-01", "leave out", "main", "mixed", "speaker", "quote")  # fmt: skip
_RAW = {"@1e400@": "1e400", "@-0@": "-0.0", "@nan@": "NaN", "@inf@": "-Infinity", "@half@": '"\\ud83d"',
        "@nul@": '"\\u0000"', "@digits@": "7" * 5000,
        **{f"@{opening}{depth}@": opening * depth + "0" + closing * depth for depth in (40, 400, 990, 3000, 100_000)
           for opening, closing in (("[", "]"), ('{"a":', "}"))}}  # fmt: skip
_VALUES = (
    None,
    True,
    False,
    -1,
    0,
    1,
    10**30,
    2**31,
    2**53 + 1,
    0.5,
    "",
    [],
    {},
    [[]],
    [None],
    {"": None},
    *_WORDS,
    *_RAW,
)
_DOCTYPES = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a [<!ENTITY x0 "lol">' + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10)) + '<!ENTITY x "&x9;">]>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "<!DOCTYPE html>",
)  # fmt: skip
_STRAY = (b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n\n", b"\xed\xa0\x80", b"\xf0\x9f\x9a\xa2", b"\xc3",
          b"\xe2\x80\xa8", b"\x85", b'"', b"\\", b"{", b"[", b"]", b"}", b"<", b">", b"&", b"&x;", b"<!DOCTYPE a>", b"PK\x03\x04",
          b"PAR1", b"SQLite format 3\0", b"\x1a", b"9" * 50, b"-", b",", b":", b"\t", b"A" * 1000)  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """The row of the table that it counts in, its files, what of them is read, and the format's name."""

    kind: str
    files: Files
    entry: str
    format: str | None = None


@dataclass(frozen=True)
class Case:
    """What to write, what to read of it, and how; `specials` are names that are no files, and what they are instead."""

    seed: Seed
    files: Files
    specials: dict[str, str]
    format: str | None


def case(random: random.Random, found: list[Seed]) -> Case:
    """A seed, damaged in one place or a few."""
    seed = random.choice(found)
    files, specials = dict(seed.files), {}
    for _ in range(1 + int(random.expovariate(0.9))):
        names = [name for name in files if name.startswith("source")]
        chance = random.random()
        if chance < 0.12 or not names:
            files["mapping.yaml"] = mutated("mapping.yaml", files.get("mapping.yaml", b""), random, found)
        elif chance < 0.18:
            _tree(files, specials, seed, random)
        else:
            name = random.choice(names + [name for name in names if not name.endswith(".txt")] * 2)
            files[name] = mutated(name, files[name], random, found)
    forced = random.choice([None] * 5 + [seed.format] * 4 + ["any"])
    if forced == "any":
        forced = random.choice([entry.format for entry in found])
    return Case(seed, files, specials, forced)


def _tree(files: Files, specials: dict[str, str], seed: Seed, random: random.Random) -> None:
    """Rename, drop, copy or empty a file, or put something in its place that is none."""
    name = random.choice([name for name in files if name.startswith("source")])
    other = random.choice(["x", "a b", "é", "😀", "x" * 200, "-", "~"])
    act = random.randrange(6)
    if act == 0 and name != seed.entry:
        files[name.rpartition("/")[0] + "/" + other + "." + name.rpartition(".")[2]] = files.pop(name)
    elif act == 1 and name != seed.entry:
        del files[name]
    elif act == 2:
        files[name.rpartition("/")[0] + "/" + other + "." + name.rpartition(".")[2]] = files[name]
    elif act == 3:
        files[name] = b""
    elif act == 4:
        files[name] = files[random.choice(list(files))]
    else:
        del files[name]
        specials[name] = random.choice(["fifo", "loop", "folder", "dangling", "unreadable", "socket"])


def mutated(name: str, content: bytes, random: random.Random, found: list[Seed]) -> bytes:
    """The content of a file, damaged by its structure or, as often, by its bytes."""
    suffix = name.rpartition(".")[2].lower()
    if random.random() < (0.65 if suffix in ("qdpx", "xlsx", "parquet") else 0.55) and suffix in STRUCTURES:
        try:
            return STRUCTURES[suffix](content, random)
        except Exception:  # noqa: BLE001, S110  # what is broken already has no structure left to damage
            pass
    return damaged(content, random, found)


def damaged(content: bytes, random: random.Random, found: list[Seed]) -> bytes:  # noqa: PLR0911
    """Bytes flipped, deleted, doubled, put in, cut off, or joined with another file's."""
    at, length = (random.randrange(len(content) + 1) for _ in range(2))
    end = min(len(content), at + 1 + length % random.choice([2, 8, 64, 100_000]))
    act = random.randrange(8)
    if act == 0 and content:
        flipped = bytearray(content)
        for _ in range(random.choice([1, 1, 2, 10])):
            flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
        return bytes(flipped)
    if act == 1:
        return content[:at] + content[end:]
    if act == 2:
        return content[:end] + content[at:end] * random.choice([1, 1, 3, 50]) + content[end:]
    if act in (3, 4):
        return content[:at] + random.choice(_STRAY) + content[at:]
    if act == 5:
        return content[:at]
    if act == 6:
        other = random.choice(list(random.choice(found).files.values()))
        return content[:at] + other[random.randrange(len(other) + 1) :]
    numbers = list(re.finditer(rb"\d+", content))
    if not numbers:
        return content.replace(b"\n", b"\r\n")
    number = random.choice(numbers)
    return content[: number.start()] + random.choice(_WORDS).encode() + content[number.end() :]


def _json(content: bytes, random: random.Random) -> bytes:
    value = [json.loads(content)]
    _replace(value, random)
    return _raw(json.dumps(value[0], ensure_ascii=random.random() < 0.5))


def _json_lines(content: bytes, random: random.Random) -> bytes:
    rows = [json.loads(line) for line in content.splitlines()]
    act = random.randrange(8)
    if act == 0:
        rows.append(random.choice(rows))
    elif act == 1:
        return _raw(json.dumps(rows, indent=random.choice([None, 2])))
    else:
        _replace(rows, random)
    return _raw("\n".join(json.dumps(row, indent=2 if act == 2 else None) for row in rows))


def _raw(text: str) -> bytes:
    for word, raw in _RAW.items():
        text = text.replace(json.dumps(word), raw)
    return text.encode("utf-8", "surrogatepass")


def _replace(root: list[Any], random: random.Random) -> None:
    """Change one place in lists and objects: another value, none, twice, or that of another place."""
    places = list(_places(root))
    holder, key = random.choice(places)
    act = random.randrange(10)
    if act < 5:
        holder[key] = random.choice(_VALUES)
    elif act == 5:
        del holder[key]
    elif act == 6:
        other, place = random.choice(places)
        holder[key] = json.loads(json.dumps(other[place]))
    elif act == 7 and isinstance(holder, list):
        holder += [holder[key]] * random.choice([1, 2, 300])
    elif act == 8 and isinstance(holder, dict):
        holder[random.choice(_WORDS)] = holder.pop(key)
    elif isinstance(holder[key], str):
        words = holder[key]
        at = random.randrange(len(words) + 1)
        holder[key] = words[:at] + random.choice(_WORDS) + words[at:]
    elif isinstance(holder[key], int):
        holder[key] += random.choice([-1, 1, 2, 1000])
    else:
        holder[key] = {"a": holder[key]} if random.random() < 0.5 else [holder[key]]


def _places(root: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(root) if isinstance(root, dict) else range(len(root)):
        yield root, key
        if isinstance(root[key], list | dict):
            yield from _places(root[key])


def _xml(content: bytes, random: random.Random) -> bytes:
    """An element or attribute dropped, doubled, moved, renamed or changed; or a DOCTYPE and what else XML may hold."""
    act = random.randrange(14)
    if act == 0:
        text = content.decode()
        at = text.index("?>") + 2 if "?>" in text else 0
        text = text[:at] + random.choice(_DOCTYPES) + text[at:]
        return re.sub(r'="[^"]*"', '="&x;"', text, count=random.randrange(3)).encode()
    if act == 1:
        encoding = random.choice(["utf-16", "utf-7", "latin-1", "x", "utf-8-sig", "ascii"])
        text = re.sub(r"^<\?.*?\?>", "", content.decode())
        head = f'<?xml version="{random.choice(["1.0", "1.1", "2"])}" encoding="{encoding}"?>'
        return (head + text).encode("utf-16" if encoding == "utf-16" and random.random() < 0.5 else "utf-8")
    root = etree.fromstring(content, etree.XMLParser(huge_tree=True))
    element = random.choice([one for one in root.iter() if isinstance(one.tag, str)])
    _element(element, act, random)
    data: bytes = etree.tostring(root, xml_declaration=random.random() < 0.5, encoding="utf-8")
    if act == 2:
        depth = random.choice([100, 250, 300, 50_000])
        inner = b"<a>" * depth + b"</a>" * depth
        return re.sub(rb"(</[^<]*>\s*)$", inner.replace(b"\\", rb"\\") + rb"\1", data)
    if act == 3:
        return data.replace(
            b'="',
            b'="&#' + random.choice([b"0", b"13", b"10", b"55357", b"1114112", b"128674"]) + b";",
            random.randrange(9),
        )
    return data


def _element(element: Any, act: int, random: random.Random) -> None:
    parent, words = element.getparent(), random.choice(_WORDS)
    legal = "".join(sign for sign in words if sign >= " " and sign != "\x7f")
    if act in (4, 5, 6, 7, 8) and element.attrib:
        name = random.choice(list(element.attrib))
        old = element.attrib.pop(name)
        if act == 5:
            element.attrib[random.choice(["guid", "id", "begin", "x", "{http://www.omg.org/XMI}id", "sofa"])] = old
        elif act > 5:
            element.attrib[name] = (
                legal if act < 8 else str(int(old) + random.choice([-1, 1, 1000])) if old.isdigit() else old + legal
            )
    elif act == 9 and parent is not None:
        parent.remove(element)
    elif act == 10 and parent is not None:
        for _ in range(random.choice([1, 1, 300])):
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
    elif act == 11:
        element.tag = random.choice(["a", "{urn:x}a", "Code", "v", element.tag + "2"])
    elif act == 12:
        element.text = (element.text or "") + legal
    elif parent is not None and element.getprevious() is not None:
        element.getprevious().append(element)


def _zip(content: bytes, random: random.Random) -> bytes:
    """A member changed, renamed, dropped, doubled or made enormous; or its header made to lie."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = random.randrange(len(members))
    name, data = members[at]
    act = random.randrange(12)
    if act == 0:
        members[at] = (
            random.choice(["../../x.qde", "/etc/x", "C:\\x", "a//b", "x" * 300, "", "é\n", name.upper()]),
            data,
        )
    elif act == 1:
        members.append((name, data))
    elif act == 2:
        del members[at]
    elif act == 3:
        members[at] = name, random.choice([b"", data + b" " * 30_000_000, b"\0" * 3_000_000, content])
    elif act == 4:
        members += [(f"m{n}", b"") for n in range(random.choice([10, 3000, 21_000]))]
    elif act == 5:
        members += [("project2.qde", data), ("sources/../x", data)]
    else:
        suffix = {"xml": _xml, "rels": _xml, "qde": _xml}.get(name.rpartition(".")[2])
        members[at] = (
            name,
            suffix(data, random) if suffix and act > 6 else damaged(data, random, [Seed("", {"": data}, "")]),
        )
    method = random.choice([zipfile.ZIP_DEFLATED] * 6 + [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    is_slow = len(members) > 50 or sum(len(data) for _, data in members) > 1 << 20
    packed = packing(members, zipfile.ZIP_DEFLATED if is_slow else method)
    if act != 6:
        return packed
    lying = bytearray(packed)
    header = random.choice([one.start() for one in re.finditer(rb"PK\x01\x02|PK\x03\x04|PK\x05\x06", packed)])
    for _ in range(random.choice([1, 2, 4])):
        lying[min(len(lying) - 1, header + 4 + random.randrange(26))] = random.choice([0, 1, 8, 9, 99, 127, 255])
    return bytes(lying)


def packing(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file that is the same bytes every time."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # two members of one name are meant
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def _sqlite(content: bytes, random: random.Random) -> bytes:
    """Cells of any type, tables and columns gone or of another kind, rows twice, other page sizes and encodings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        path.write_bytes(content)
        database = sqlite3.connect(path)
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        table = random.choice(tables)
        columns = [row[1] for row in database.execute(f"pragma table_info({table})")]
        try:
            _changed(database, table, random.choice(columns), random)
            database.commit()
        finally:
            database.close()
        return path.read_bytes()


def _changed(database: sqlite3.Connection, table: str, column: str, random: random.Random) -> None:
    value = random.choice([None, -1, 0, 1, 2**62, 1e308, float("inf"), b"\xff\x00", b"1", "\0", *_WORDS])
    act = random.randrange(14)
    rows = f"rowid in (select rowid from {table} order by rowid limit 1 offset {random.randrange(4)})"
    if act < 6:
        database.execute(f"update {table} set {column} = ? where {rows if act else 1}", (value,))
    elif act == 6:
        database.execute(
            f"update {table} set {column} = cast(x'{random.choice(['ff', '00', 'eda080', 'f0'])}' as text) where {rows}"
        )
    elif act == 7:
        database.execute(f"drop table {table}")
    elif act == 8:
        database.execute(f"alter table {table} drop column {column}")
    elif act == 9:
        database.executescript(f"alter table {table} rename to old; create view {table} as select * from old")
    elif act == 10:
        database.executescript(
            f"alter table {table} rename to old; create view {table} as "
            "with recursive n(x) as (select 1 union all select x + 1 from n) select x as ID, * from n"
        )
    elif act == 11:
        database.executescript(f"create table copy as select * from {table}; drop table {table}; create table {table} as "
                               "select * from copy union all select * from copy")  # fmt: skip
    elif act == 12:
        database.execute(f"delete from {table} where {rows}")
    else:
        database.executescript(random.choice(["pragma journal_mode=wal", "pragma page_size=512; vacuum", "pragma user_version=9",
                                              f"create trigger t after insert on {table} begin select 1; end",
                                              f"alter table {table} rename column {column} to {column}2",
                                              f"create unique index i on {table}({column})"]))  # fmt: skip


def _csv(content: bytes, random: random.Random) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode()), delimiter=";" if b";" in content[:80] else ","))
    row = random.choice(rows)
    cell, act = random.randrange(len(row)), random.randrange(8)
    if act < 3:
        row[cell] = random.choice(_WORDS)
    elif act == 3:
        del row[cell]
    elif act == 4:
        row.insert(cell, random.choice([row[cell], *_WORDS]))
    elif act == 5:
        rows += [list(row)] * random.choice([1, 2, 300])
    elif act == 6:
        rows.remove(row)
    else:
        row[cell] += random.choice(['"', '"\n', ";", "\t", "\0", "\r", "x\ny"])
    buffer = io.StringIO()
    quoting = csv.QUOTE_NONE if random.random() < 0.1 else csv.QUOTE_MINIMAL
    csv.writer(buffer, delimiter=random.choice(",,,,;\t|"), quoting=quoting, escapechar="\\").writerows(rows)
    return buffer.getvalue().encode()


def _parquet(content: bytes, random: random.Random) -> bytes:
    table = pq.read_table(io.BytesIO(content))
    at, rows = random.randrange(table.num_columns), table.num_rows
    name = table.column_names[at]
    columns = [
        pa.nulls(rows), pa.array([b"\xff\x00"] * rows), pa.array([1e308] * rows), pa.array([float("nan")] * rows), pa.array([2**62] * rows),
        pa.array([{"a": 1}] * rows), pa.array([["a", None]] * rows), pa.array([[["a"]]] * rows), pa.array([None, "a"] * rows)[:rows],
        pa.array([-(2**62)] * rows, pa.timestamp(random.choice(["s", "ns", "us"]))), pa.array([0] * rows, pa.timestamp("s", "Europe/Berlin")),
        pa.array([2**31 - 1] * rows, pa.date32()), pa.array([1] * rows, pa.duration("s")), pa.array([True] * rows), pa.array([""] * rows),
        pa.array([1] * rows, pa.time32("s")), pa.array(["a"] * rows).dictionary_encode(), pa.array(random.choices(_WORDS, k=rows)),
        pa.array([2**62] * rows, pa.timestamp("s", random.choice(["+99:99", "Nowhere/Here", "UTC"]))), pa.array([[]] * rows, pa.list_(pa.string())),
    ]  # fmt: skip
    act = random.randrange(6)
    if act < 3:
        table = table.set_column(at, name, random.choice(columns))
    elif act == 3:
        table = table.append_column(random.choice([name, *_WORDS]), random.choice(columns))
    elif act == 4:
        table = table.remove_column(at)
    else:
        table = pa.concat_tables([table] * random.choice([2, 300]))
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression=random.choice(["snappy", "zstd", "none", "gzip"]))
    return buffer.getvalue()


def _lines(content: bytes, random: random.Random) -> bytes:
    """Lines and the words in them: changed, gone, twice, in another order."""
    lines = content.decode().split("\n")
    at, act = random.randrange(len(lines)), random.randrange(8)
    parts = re.split(r"([\t :;{},|]+)", lines[at])
    word = random.randrange(len(parts))
    if act < 3:
        parts[word] = random.choice(
            [
                *_WORDS,
                "T1",
                "E1",
                "*",
                "\t",
                "#1",
                "R1",
                "0 5;9 12",
                "5 0",
                "&a",
                "*a",
                "!!python/object/apply:os.system [x]",
                "|",
                "{a: ",
            ]
        )
        lines[at] = "".join(parts)
    elif act == 3:
        del lines[at]
    elif act == 4:
        lines += [lines[at]] * random.choice([1, 2, 300])
    elif act == 5:
        lines[at] = "".join(parts[:word] + parts[word + 1 :])
    elif act == 6:
        lines[at] = random.choice("TREAMN#*X ") + lines[at][1:]
    else:
        random.shuffle(lines)
    return "\n".join(lines).encode()


def _yaml(content: bytes, random: random.Random) -> bytes:
    if random.random() < 0.4:
        return _lines(content, random)
    value = [yaml.safe_load(content)]
    _replace(value, random)
    return _raw(json.dumps(value[0], ensure_ascii=False, default=str))


STRUCTURES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "json": _json, "jsonl": _json_lines, "xmi": _xml, "xml": _xml, "qdc": _xml, "qdpx": _zip, "xlsx": _zip, "dna": _sqlite,
    "csv": _csv, "tsv": _csv, "parquet": _parquet, "ann": _lines, "txt": _lines, "md": _lines, "yaml": _yaml,
}  # fmt: skip
