"""Annotation files in: one room per format, each with `fits(path, head)` and `read(path, options)`.

native is our own format. brat, cas, dna, label_studio, refi, span_jsonl, tables and w3c read other tools' files to a
found.Found: documents and marks, nothing interpreted; inputs opens strangers' JSON, XML and SQLite for them. formats
tells which reader a file needs, mapping, meaning and foreign make checked records of its marks, draft a first mapping.
"""
