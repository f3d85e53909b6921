"""A piece of HTML that a notebook shows and a report keeps: escaped, with its own small style, no script.

Every piece brings its style along, because a notebook's outputs are shown one by one: in JupyterLab, in a report, in a
mail. Colours follow the reader: light, dark (the system's or JupyterLab's theme), and ink on paper.
"""

import hashlib
from html import escape
from typing import Any

from analysis.figures.marks import GAP, STATES, literal

_LIGHT = "--sb-ink:#1c1c1c;--sb-faint:#595959;--sb-rule:#d4d4d4;--sb-back:#fff;--sb-band:#f5f5f3;--sb-focus:#b3460b"
_DARK = "--sb-ink:#ececec;--sb-faint:#b0b0b0;--sb-rule:#4a4a4a;--sb-back:#181a1b;--sb-band:#232627;--sb-focus:#ffb066"
_BASE = f"""
.sb{{{_LIGHT};color:var(--sb-ink);font:0.875rem/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;margin:.75rem 0}}
@media (prefers-color-scheme:dark){{.sb{{{_DARK}}}}}
[data-jp-theme-light="true"] .sb{{{_LIGHT}}}
[data-jp-theme-light="false"] .sb{{{_DARK}}}
.sb *{{box-sizing:border-box}}
.sb-box{{position:relative;overflow-x:auto;max-width:100%;background:var(--sb-back)}}
.sb :focus-visible{{outline:3px solid var(--sb-focus);outline-offset:2px}}
.sb table{{border-collapse:collapse;margin:0;font-size:inherit;color:inherit;border:0}}
.sb caption{{text-align:left;font-weight:600;padding:.25rem .1rem .5rem;color:var(--sb-ink);caption-side:top}}
.sb th,.sb td{{vertical-align:top;text-align:left;overflow-wrap:break-word;white-space:normal}}
@media print{{.sb.sb.sb{{{_LIGHT}}}.sb-box{{overflow:visible}}.sb thead{{display:table-header-group}}
.sb tr{{break-inside:avoid}}}}
"""
TABLE = """
.sb .sb-table{width:100%}
.sb .sb-table th,.sb-table td{padding:.3rem .5rem;border:0;border-bottom:1px solid var(--sb-rule);min-width:3.2rem;
max-width:26rem}
.sb .sb-table thead th{border-bottom:2px solid var(--sb-ink);vertical-align:bottom;font-weight:600;
overflow-wrap:normal}
.sb .sb-table tbody tr:nth-child(even){background:var(--sb-band)}
.sb .sb-table .sb-num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.sb .sb-table .sb-date{white-space:nowrap;font-variant-numeric:tabular-nums}
.sb-tall{max-height:34rem;overflow-y:auto}.sb-tall thead th{position:sticky;top:0;background:var(--sb-back)}
.sb-more{font-weight:400;color:var(--sb-faint)}
@media print{.sb-tall{max-height:none}.sb-more{display:none}}
.sb-none{color:var(--sb-faint)}
"""
FINDING = """
.sb-finding{border-left:4px solid #1d4f8a;padding:.35rem .9rem;background:var(--sb-band);max-width:48rem;
font-size:1rem}
.sb-finding p{margin:.3rem 0}.sb-finding ul{margin:.3rem 0;padding-left:1.2rem}
.sb-aside{border-left-color:var(--sb-rule);font-size:.875rem}
"""
_SWATCHES = "".join(
    f".sb-{name}{{background:{look.fill};color:{look.ink};border:1px solid {look.fill}}}"
    f".sb-{name}.sb-thin{{background:{look.pale};color:#1c1c1c;border:2px dashed {look.edge}}}\n"
    for name, look in STATES.items()
)
MATRIX = f"""
.sb .sb-matrix{{border-spacing:0}}
.sb .sb-matrix th,.sb .sb-matrix td{{border:1px solid var(--sb-rule);padding:2px;text-align:center;
vertical-align:middle}}
.sb .sb-matrix thead th{{padding:.4rem .3rem;vertical-align:bottom;font-weight:600;font-size:.75rem;line-height:1.2;
min-width:4.5rem;overflow-wrap:normal;hyphens:auto;background:var(--sb-back)}}
.sb .sb-matrix tbody th,.sb .sb-matrix thead th:first-child{{position:sticky;left:0;z-index:1;
background:var(--sb-back);
text-align:left;padding:.3rem .6rem .3rem .1rem;min-width:8rem;max-width:13rem;font-weight:500;line-height:1.25}}
.sb .sb-matrix td{{height:3rem}}
.sb-cell{{display:block;width:100%;min-height:2.75rem;padding:.15rem;border-radius:3px;cursor:pointer;font:inherit;
line-height:1.15}}
.sb-cell:hover{{filter:brightness(1.08)}}
.sb-glyph{{font-weight:700;font-size:1.05em;margin-right:.2em}}
.sb-cell small{{display:block;font-size:.75rem}}
{_SWATCHES}
.sb-silent{{background:repeating-linear-gradient(135deg,transparent 0 5px,{GAP}66 5px 6px)}}
.sb-silent span{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}}
.sb-legend{{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:0;margin:.6rem 0;list-style:none;font-size:.8125rem}}
.sb-legend li{{display:flex;gap:.4rem;align-items:center;margin:0}}
.sb-legend i{{display:inline-block;width:1.7rem;height:1.35rem;line-height:1.2rem;text-align:center;font-style:normal;
font-weight:700;border-radius:3px;flex:none}}
.sb-legend .sb-silent{{border:1px solid var(--sb-rule)}}
.sb details{{margin:.4rem 0}}.sb summary{{cursor:pointer}}.sb dl{{display:grid;grid-template-columns:max-content 1fr;
gap:.15rem 1rem;margin:.4rem 0}}.sb dt{{font-weight:600}}.sb dd{{margin:0}}
@media (max-width:40rem){{.sb .sb-matrix tbody th,.sb .sb-matrix thead th:first-child{{min-width:6.2rem;
max-width:7.4rem;font-size:.8125rem}}
.sb dl{{grid-template-columns:1fr}}.sb dd{{margin-bottom:.3rem}}}}
@media print{{.sb .sb-matrix{{font-size:7.5pt;width:100%;table-layout:fixed}}.sb .sb-matrix thead th{{min-width:0;
font-size:7pt}}
.sb .sb-matrix thead th:not(:first-child){{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left;
vertical-align:middle;
padding:3px 6px;white-space:nowrap}}
.sb .sb-matrix tbody th,.sb .sb-matrix thead th:first-child{{position:static;min-width:0;width:16%}}
.sb .sb-matrix .sb-cell,.sb-legend i,.sb-silent{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
.sb-cell small{{font-size:6pt}}}}
"""
QUOTES = """
.sb-evidence{display:none}
.sb .sb-pop{color:var(--sb-ink);background:var(--sb-back);border:1px solid var(--sb-faint);border-radius:6px;
width:min(44rem,94vw);max-height:85vh;overflow:auto;padding:1rem 1.2rem;margin:auto;box-shadow:0 8px 40px #0006}
.sb-pop::backdrop{background:#0005}
.sb .sb-pop h4{margin:0 2.5rem .2rem 0;font-size:1.05rem;line-height:1.3}
.sb .sb-pop p{margin:.2rem 0;color:var(--sb-faint)}
.sb .sb-pop ol{margin:.6rem 0 0;padding:0;list-style:none}
.sb .sb-pop li{border-top:1px solid var(--sb-rule);padding:.6rem 0;margin:0}
.sb .sb-pop blockquote{margin:.2rem 0;padding:0;border:0;color:inherit;font-size:1rem;overflow-wrap:anywhere}
.sb .sb-pop li p{font-size:.8125rem;overflow-wrap:anywhere}
.sb-close{position:sticky;float:right;top:0;font:inherit;width:2rem;height:2rem;border:1px solid var(--sb-rule);
border-radius:4px;background:var(--sb-back);color:inherit;cursor:pointer}
@media print{.sb-evidence{display:block;font-size:1.1rem;margin:1rem 0 .3rem}.sb-close{display:none}
.sb .sb-pop{display:block!important;position:static;inset:auto;width:auto;max-height:none;overflow:visible;
margin:.5rem 0;
padding:0;border:0;box-shadow:none}.sb .sb-pop li{break-inside:avoid;padding:.3rem 0}.sb .sb-pop h4{break-after:avoid}}
"""


class Html:
    """A piece of HTML; JupyterLab and reports show it, `str` gives it, and as plain text it is its short `label`."""

    def __init__(self, body: str, label: str, *styles: str) -> None:
        self._body = f'<div class="sb">{_style(*styles)}{body}</div>'
        self._label = literal(label)

    def __add__(self, other: "Html") -> "Html":
        """Both, one below the other."""
        both = Html.__new__(Html)
        both._body, both._label = f"{self._body}{other._body}", f"{self._label}\n{other._label}"
        return both

    def _repr_html_(self) -> str:
        return self._body

    def __str__(self) -> str:
        return self._body

    def __repr__(self) -> str:
        return self._label


def _style(*styles: str) -> str:
    return "<style>" + "".join((_BASE, *styles)).replace("\n", "") + "</style>"


def safe(text: Any) -> str:
    """`text` as HTML shows it to the letter, in texts and in quoted attributes."""
    return escape(literal(text), quote=True)


def slug(text: str) -> str:
    """A short id from `text`, the same in every run; like texts get different ones.

    Examples
    --------
    >>> slug("Who says what?")
    'sb-04efbd'
    """
    return f"sb-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:6]}"
