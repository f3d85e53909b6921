# ruff: noqa: INP001  # a file to be run or copied, of no package
"""The reports as a Prefect flow: `python deploy/prefect_flow.py` serves it, every weekday morning.

Tried with Prefect 3.
"""

import json
import subprocess
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.states import Cancelled, Completed, Failed, State

RUN = Path(__file__).with_name("run")
BUSY = 3


@flow(name="stancebook-reports", timeout_seconds=1800)
def stancebook_reports() -> State:
    """Make the reports; each line of the log goes to Prefect's, and the exit code becomes the state."""
    logger = get_run_logger()
    with subprocess.Popen([RUN, "--log", "json"], stdout=subprocess.PIPE, text=True) as run:  # noqa: S603  # our own
        for line in run.stdout or ():
            told = json.loads(line)
            (logger.error if told["event"] == "problem" or told.get("problem") else logger.info)("%s", line.strip())
    if run.returncode == BUSY:
        return Cancelled(message="another run is at work")
    return Failed(message=f"exit code {run.returncode}") if run.returncode else Completed(message="done")


if __name__ == "__main__":
    stancebook_reports.serve(cron="15 4 * * 1-5", limit=1)
