"""What worker processes are forked with: imported by the process that forks them, and by nothing else."""

import gc

from analysis.reports import environment

gc.disable()  # as in `loading`
with environment.without_grammar():
    from analysis.reports import page, worker

TEMPLATE = page.exporter().template  # compiled here once
gc.freeze()
gc.enable()
__all__ = ["TEMPLATE", "worker"]
