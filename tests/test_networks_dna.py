"""Discourse Network Analyzer's own matrices, reproduced from its own sample database.

Both are other people's material and not in this repository: STANCEBOOK_DNA names the folder that holds them.
"""

import csv
import os
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis

FOLDER = Path(os.environ.get("STANCEBOOK_DNA", ""))
MANIFEST = FOLDER / "MANIFEST.csv"
CASES = list(csv.DictReader(MANIFEST.read_text(encoding="utf-8").splitlines())) if MANIFEST.is_file() else []
KINDS = {"twomode": "two-mode", "onemode": "one-mode"}
COLUMNS = {"id@doc": "article_id", "section@doc": "section", "null": None}
pytestmark = pytest.mark.skipif(not CASES, reason="STANCEBOOK_DNA names no folder with DNA's reference matrices")


@pytest.fixture(scope="module")
def said() -> pd.DataFrame:
    """The statements of the sample, each with its variables and its document's date and section."""
    database = sqlite3.connect(f"file:{FOLDER / 'sample.dna'}?mode=ro&immutable=1", uri=True)
    statements = pd.read_sql(
        "select s.ID statement_id, DocumentId article_id, Start start, Stop end, Section section, Date date_start "
        "from STATEMENTS s join DOCUMENTS d on d.ID = DocumentId join STATEMENTTYPES t on t.ID = StatementTypeId "
        "where t.Label = 'DNA Statement'",
        database,
    )
    texts = "select StatementId statement_id, Variable, Value from DATASHORTTEXT join ENTITIES e on e.ID = Entity "
    named = pd.read_sql(f"{texts} join VARIABLES v on v.ID = DATASHORTTEXT.VariableId", database)
    yes_no = "select StatementId statement_id, Value agreement from DATABOOLEAN"
    agreement = pd.read_sql(yes_no, database).astype({"agreement": bool})
    database.close()
    statements["date_start"] = pd.to_datetime(statements["date_start"], unit="s")
    wide = named.pivot(index="statement_id", columns="Variable", values="Value").reset_index()
    frame = statements.merge(wide, on="statement_id", validate="1:1").merge(agreement, on="statement_id")
    return frame.astype({"article_id": str, "statement_id": str, "section": str})


def exclusions(case: dict[str, str], sections: set[str]) -> dict[str, list[str]]:
    """`[column, …][value, …] inv=false` as lists of values by column, and documents by section."""
    found: dict[str, list[str]] = {}
    columns, values = case["excludeValues"].removesuffix(" inv=false")[1:-1].split("][")
    for column, value in zip(columns.split(", "), values.split(", "), strict=True):
        if column:
            found.setdefault(column, []).append(value)
    if "Sec[1]true" in case["excludeDoc"]:  # inverted: all sections but that one go
        found["section"] = sorted(sections - {"1"})
    return found


def iso(text: str) -> str:
    day, month, year = text.split(".")
    return f"{year}-{month}-{day}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"].removesuffix(".csv"))
def test_the_matrix_is_the_one_that_dna_wrote(case: dict[str, str], said: pd.DataFrame) -> None:
    expected = pd.read_csv(FOLDER / case["file"], index_col=0, keep_default_na=False)
    made = analysis.network(
        said,
        kind=KINDS[case["networkType"]],
        rows=COLUMNS.get(case["variable1"], case["variable1"]),
        columns=COLUMNS.get(case["variable2"], case["variable2"]),
        stance=COLUMNS.get(case["qualifier"], case["qualifier"]),
        aggregation=case["qualifierAggregation"],
        normalization={"cosine": "dna_cosine"}.get(case["normalization"], case["normalization"]),
        duplicates=case["duplicates"],
        since=iso(case["start"]),
        until=iso(case["stop"]),
        isolates=case["isolates"] == "true",
        exclude=exclusions(case, set(said["section"])),
    )
    assert made.matrix.index.tolist() == [str(label) for label in expected.index]
    assert made.matrix.columns.tolist() == [str(label) for label in expected.columns]
    np.testing.assert_allclose(made.matrix.to_numpy(), expected.to_numpy(dtype=float), rtol=0, atol=1e-12)
    assert len(made.counted) == int(case["numStatements"])
