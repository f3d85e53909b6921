"""Figures and tables for the eye: they draw the frames they are given and compute nothing.

table           HTML tables: the matrix whose cells open to their quotes, and plain tables
ties            HTML matrices of networks, whose ties open to the words of both; sides: a tie in words, those popovers
print           matplotlib: matrix, swimlanes, series, trajectories, coverage; as SVG in pages, PNG or PDF on paper
interactive     plotly: the same, for exploring
words           findings and selections as sentences whose numbers come from frames
marks           the shared look: glyph, word, colour and symbol of everything that is drawn
fragments       a piece of HTML with its own small style; quotes: what a cell opens to
lanes           where marks go so that none covers another
"""
