# ruff: noqa: INP001  # a file to be run or copied, of no package
"""The reports as an Airflow DAG: copy it into the folder of DAGs, and name the project's folder in STANCEBOOK_HOME.

Tried with Airflow 3. One run at a time, none for days gone by: a run looks at what is there now.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag

HOME = os.environ.get("STANCEBOOK_HOME", os.path.expanduser("~/stancebook"))  # noqa: PTH111  # read at every parse


@dag(
    dag_id="stancebook_reports",
    schedule="15 4 * * 1-5",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
)
def stancebook_reports() -> None:
    """One task; exit code 3, another run is at work, makes it skipped, any other but 0 failed."""
    BashOperator(
        task_id="report",
        bash_command="deploy/run --log json",
        cwd=HOME,
        skip_on_exit_code=3,
        retries=0,  # the same inputs fail in the same way
        execution_timeout=timedelta(minutes=30),
    )


stancebook_reports()
