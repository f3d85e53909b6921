"""What worker processes are forked with: imported by the process that forks them, and by nothing else."""

from analysis.reports import environment

with environment.without_grammar():
    from analysis import stance  # which news of a page need
    from analysis.reports import page, worker

TEMPLATE = page.exporter().template  # compiled here once
__all__ = ["TEMPLATE", "stance", "worker"]
