"""What worker processes are forked with: imported by the process that forks them, and by nothing else."""

import gc

from analysis.reports import environment

gc.disable()  # as in `loading`
with environment.without_grammar():
    import nbformat

    from analysis.reports import page, worker
    from analysis.reports.provenance import Frame

# What packages compile with their first notebook, template and text is kept for all.
_NOTHING = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Text")])  # type: ignore[no-untyped-call]
nbformat.validate(_NOTHING)
page.render(_NOTHING, Frame("", "", "", [], []))
gc.freeze()
gc.enable()
__all__ = ["worker"]
