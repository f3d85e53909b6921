"""The selections of a REFI-QDA project taken from the tags as they pass, so that no element is made of any.

This gives what selections.py gives in less than half of the time, but for the lines, which the parser does not tell
here. So it tells nothing: whatever is wrong or seldom is an error, and the project is read again the other way.
"""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from analysis.errors import CorpusError, Problem
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi.selections import SELECTION, SOURCES, TEXT_SOURCE, Coding, Selection, Selections

_IN_A_SOURCE = 3  # elements that are open: the root, Sources, the source
_IN_A_SELECTION, _IN_A_CHILD = 1, 2  # as are the selection, and a coding or description of it
_LONGEST = 2_500_000  # characters of up to four bytes in one piece; the parser that makes elements refuses 10 MB
_MOST_DIGITS = 15
_MANY = 10_000  # elements beyond the number of selections: a tree is made here in more time than by the parser itself


def parsed(data: bytes, shown: str, problems: Problems) -> tuple[Element, Selections]:
    """The root element of a project without the selections on its texts, and these, all without lines.

    Raises
    ------
    CorpusError
        Anything is wrong or seldom; `selections.parsed` is to be asked.
    """
    xml_input.refuse_doctype(data, shown)
    if b"xml:id" in data or b"\0" in data:  # ids that stand twice would pass here; in UTF-16 they cannot be looked for
        raise _seldom("it has ids of XML, or is UTF-16", shown)
    selections = Selections(problems)
    target: Any = _Tags(selections, shown)  # Any, for the types want methods that it need not have
    parser = etree.XMLParser(
        target=target,
        resolve_entities="internal",  # there are none without a DOCTYPE, but with False even &amp; stays as it is
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise xml_input.broken(error, shown) from None
    finally:
        vars(target).clear()  # it and the parser hold each other: all of this would stay until circles are looked for
    if len(parser.error_log):  # wrong namespaces are told there alone
        raise _seldom("the parser warns of something", shown)
    return root, selections


def _seldom(found: str, shown: str) -> CorpusError:
    return CorpusError(Problem(shown, 0, found))


class _Tags:
    """A target of the parser's: selections on the texts are kept as they end, of all else a tree is made.

    It is called for each tag, six times for a selection: the branches stand in the order of how often they are taken.
    """

    def __init__(self, selections: Selections, shown: str) -> None:
        self._selections, self._shown = selections, shown
        self._kinds, self._keys = selections.kinds, selections.keys
        self._tree: Any = etree.TreeBuilder()  # what is known of its types leaves out that it gives elements
        self._open: list[str] = []
        self._kept: list[Selection] | None = None  # those of the source that is open
        self._depth = 0  # how many elements of a selection are open: itself, what it holds, what that holds
        self._selection: Mapping[str, str] = {}
        self._description: list[str] = []  # in pieces: to put each to the others would take longer and longer
        self._codings: tuple[Coding, ...] = ()
        self._child = ""
        self._coding: Mapping[str, str] = {}
        self._targets: tuple[str, ...] = ()
        self._n_characters = self._n_elements = self._n_selections = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Go into an element."""
        kind, depth = self._kinds[tag], self._depth
        if depth == _IN_A_CHILD:
            self._depth = depth + 1
            if kind == "CodeRef" and self._child == "Coding":
                self._targets += (self._keys[attributes.get("targetGUID")],)
            elif self._child == "Description":
                raise _seldom("a description holds an element", self._shown)
        elif depth == _IN_A_SELECTION:
            self._depth, self._child = depth + 1, kind
            if kind == "Coding":
                self._coding, self._targets = attributes, ()
            elif kind == "Description":
                self._description = []
        elif depth:
            self._depth = depth + 1
        elif kind == SELECTION and self._kept is not None and len(self._open) == _IN_A_SOURCE:
            self._depth, self._selection, self._description, self._codings = _IN_A_SELECTION, attributes, [], ()
            self._n_characters = 0
        else:
            self._start_in_tree(tag, kind, attributes)

    def end(self, tag: str) -> None:
        """Leave an element."""
        depth = self._depth
        if depth == _IN_A_CHILD:
            self._depth = _IN_A_SELECTION
            if self._child == "Coding":
                get = self._coding.get
                user = self._keys[get("creatingUser") or self._selection.get("creatingUser")]
                self._codings += (Coding(get("guid") or "coding", user, self._targets, 0),)
        elif depth == _IN_A_SELECTION:
            self._depth = 0
            self._keep()
        elif depth:
            self._depth = depth - 1
        else:
            self._n_characters = 0
            self._tree.end(tag)
            self._open.pop()
            if len(self._open) < _IN_A_SOURCE:
                self._kept = None

    def data(self, text: str) -> None:
        """Keep a piece of text, of which the parser may give several."""
        self._n_characters += len(text)
        if self._n_characters > _LONGEST:
            raise _seldom("a text is very long", self._shown)
        if not self._depth:
            self._tree.data(text)
        elif self._depth == _IN_A_CHILD and self._child == "Description":
            self._description.append(text)

    def close(self) -> Element:
        """The root of the tree."""
        root: Element = self._tree.close()
        return root

    def _start_in_tree(self, tag: str, kind: str, attributes: Mapping[str, str]) -> None:
        """Go into an element that is none of a selection."""
        self._n_characters = 0
        self._n_elements += 1
        if self._n_elements - self._n_selections > _MANY:
            raise _seldom("most of it are no selections", self._shown)
        element = self._tree.start(tag, attributes)
        self._open.append(kind)
        if kind == TEXT_SOURCE and len(self._open) == _IN_A_SOURCE and self._open[1] == SOURCES:
            self._kept = self._selections.begin(element)

    def _keep(self) -> None:
        """Keep the selection that ends here; what it is called is of use only to tell that it is wrong."""
        get = self._selection.get
        first, last = get("startPosition", ""), get("endPosition", "")
        is_usual = first.isdecimal() and last.isdecimal() and first.isascii() and last.isascii()
        if self._kept is None or not is_usual or len(first) > _MOST_DIGITS or len(last) > _MOST_DIGITS:
            raise _seldom("a selection has other positions than whole numbers", self._shown)
        self._n_selections += 1
        said = get("name"), "".join(self._description) or None, None
        self._kept.append(Selection(int(first), int(last), *said, self._codings, 0))
