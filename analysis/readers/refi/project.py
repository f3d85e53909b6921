"""What the codings of a REFI-QDA project refer to, by GUID: codes, coders, cases and variables."""

from collections import Counter
from collections.abc import Iterator, Mapping

from lxml import etree

from analysis.errors import Problem, brief
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element

_LONGEST = 1000
_SOURCES = {"PictureSource": "picture", "PDFSource": "PDF", "AudioSource": "audio", "VideoSource": "video"}


def key(guid: str | None) -> str:
    """A GUID as a key: some tools write braces or capital letters in one place and not in another."""
    return (guid or "").strip("{} \t\n").lower()


class Keys(dict[str | None, str]):
    """The keys of GUIDs as they are written, each made once: everywhere the same few users and codes are meant."""

    def __missing__(self, guid: str | None) -> str:
        made = self[guid] = key(guid)
        return made


def codes(root: Element, problems: Problems) -> dict[str, str]:
    """The path of names of each code by its GUID."""
    paths: dict[str, str] = {}
    for code in root.iterfind("{*}CodeBook/{*}Codes//{*}Code"):
        parent = code.getparent()
        outer = paths.get(key(parent.get("guid")), "") if parent is not None else ""
        name = code.get("name") or "(no name)"
        path = f"{outer}/{name}" if outer else name
        if len(path) > _LONGEST:  # each code repeats the names above it: a small file could fill the memory
            problems.add([Problem(problems.file, code.sourceline or 0, f"the code {brief(name)} has too long a name")])
            break
        paths[key(code.get("guid"))] = path
    return paths


def users(root: Element) -> dict[str, str]:
    """The coders' names by their GUIDs; two of one name are told apart."""
    users = [(key(user.get("guid")), user.get("name") or user.get("id")) for user in root.iterfind("{*}Users/{*}User")]
    same = Counter(name for _, name in users)
    return {guid: f"{name} {guid}" if name and same[name] > 1 else name or guid for guid, name in users}


def left_out(root: Element) -> Iterator[str]:
    """Why something is left out, once for each: notes, links, and all on sources that are no texts."""
    for path, reason in (("Notes/{*}Note", "a note"), ("Links/{*}Link", "a link")):
        yield from (reason for _ in root.iterfind(f"{{*}}{path}"))
    for source in root.iterfind("{*}Sources/*"):
        medium = _SOURCES.get(etree.QName(source).localname)
        if medium:
            yield from (f"on a {medium} source" for _ in source.iterfind(".//{*}Coding"))


def facts(root: Element) -> dict[str, dict[str, str]]:
    """What is told of each text source, by its GUID: date, description, its variables, its cases and theirs."""
    found = root.iterfind("{*}Variables/{*}Variable")
    variables = {key(variable.get("guid")): variable.get("name") or "(no name)" for variable in found}
    told: dict[str, dict[str, str]] = {}
    for source in root.iterfind("{*}Sources/{*}TextSource"):
        own = {"creationDateTime": source.get("creationDateTime"), "Description": source.findtext("{*}Description")}
        texts = {name: text for name, text in own.items() if text}
        told[key(source.get("guid"))] = texts | _values(source, variables)
    for case in root.iterfind("{*}Cases/{*}Case"):
        values = {"case": case.get("name") or "(no name)"} | _values(case, variables)
        for reference in case.iterfind("{*}SourceRef"):
            texts = told.setdefault(key(reference.get("targetGUID")), {})
            for name, text in values.items():
                texts[name] = f"{texts[name]}; {text}" if name in texts else text
    return told


def _values(holder: Element, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a source or case that have a value."""
    values = {}
    for value in holder.iterfind("{*}VariableValue"):
        reference = value.find("{*}VariableRef")
        name = variables.get(key(reference.get("targetGUID")), "") if reference is not None else ""
        texts = [part.text for part in value if part is not reference and part.text]
        if name and texts:
            values[name] = texts[0]
    return values
