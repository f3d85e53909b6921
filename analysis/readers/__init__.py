"""One room per annotation format: `read(path)` gives the tidy tables."""
