"""What the codings of a REFI-QDA project refer to, by GUID: codes, coders, cases and variables."""

from collections import Counter
from collections.abc import Mapping

from analysis.errors import Problem, brief
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element

_LONGEST = 1000
_Told = dict[str, list[str]]


def key(guid: str | None) -> str:
    """A GUID as a key: some tools write braces or capital letters in one place and not in another."""
    return (guid or "").strip("{} \t\n").lower()


class Keys(dict[str | None, str]):
    """The keys of GUIDs as they are written, each made once: everywhere the same few users and codes are meant."""

    def __missing__(self, guid: str | None) -> str:
        made = self[guid] = key(guid)
        return made


class Kinds(dict[object, str]):
    """The names of elements in whatever namespace: to look each child's up is faster than to search for children."""

    def __missing__(self, tag: object) -> str:
        kind = self[tag] = str(tag).rpartition("}")[2]
        return kind


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


def facts(root: Element, left_out: Counter[str]) -> dict[Element, dict[str, str]]:
    """What is told of each text source: date, description, its variables, its cases and theirs.

    What can be told of none, for want of a text or of a variable, is counted in `left_out`.
    """
    found = root.iterfind("{*}Variables/{*}Variable")
    variables = {key(variable.get("guid")): variable.get("name") or "(no name)" for variable in found}
    told: dict[Element, _Told] = {}
    sources: dict[str, Element] = {}  # one for each GUID, lest a case could mean thousands that all have the same
    for source in root.iterfind("{*}Sources/{*}TextSource"):
        own = {"creationDateTime": source.get("creationDateTime"), "Description": source.findtext("{*}Description")}
        told[source] = _values(source, variables, left_out, {name: [text] for name, text in own.items() if text})
        sources.setdefault(key(source.get("guid")), source)
    sources.pop("", None)
    for case in root.iterfind("{*}Cases/{*}Case"):
        values = _values(case, variables, left_out, {"case": [case.get("name") or "(no name)"]})
        guids = [key(reference.get("targetGUID")) for reference in case.iterfind("{*}SourceRef")]
        for guid in guids:
            for name, texts in values.items() if guid in sources else ():
                told[sources[guid]].setdefault(name, []).extend(texts)
        if sources.keys().isdisjoint(guids):
            left_out["a case without a text"] += 1
    return {source: {name: "; ".join(texts) for name, texts in said.items()} for source, said in told.items()}


def _values(holder: Element, variables: Mapping[str, str], left_out: Counter[str], told: _Told) -> _Told:
    """What is told of a source or case, and its variables that have a value."""
    for value in holder.iterfind("{*}VariableValue"):
        reference = value.find("{*}VariableRef")
        name = variables.get(key(reference.get("targetGUID"))) if reference is not None else None
        texts = [part.text for part in value if part is not reference and part.text]
        if texts and name is None:
            left_out["a value of no variable"] += 1
        elif texts and name:
            told.setdefault(name, []).append(texts[0])
    return told
