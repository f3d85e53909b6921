"""One source of dependencies, one lock, and conda users on the same versions."""

import re
import tomllib
from importlib.metadata import version

import pytest
import yaml
from packaging.requirements import Requirement

from analysis import paths

PROJECT = tomllib.loads((paths.root() / "pyproject.toml").read_text())["project"]
LOCK = (paths.root() / "requirements.lock").read_text()
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))
WANTED = [Requirement(line) for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]]


@pytest.mark.parametrize("requirement", WANTED, ids=str)
def test_every_dependency_is_locked_in_an_allowed_version(requirement: Requirement) -> None:
    assert requirement.name in LOCKED
    assert requirement.specifier.contains(LOCKED[requirement.name])


def test_every_locked_package_has_hashes_and_the_lock_names_no_address() -> None:
    blocks = re.split(r"\n(?=\S)", LOCK.strip())
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in LOCK
    assert not re.search(r"--(index|extra-index|find-links)", LOCK)


def test_conda_takes_the_same_python_and_the_same_lock() -> None:
    environment = yaml.safe_load((paths.root() / "environment.yml").read_text())
    assert environment["dependencies"] == ["python=3.11", "pip", {"pip": ["-r requirements.lock"]}]
    assert PROJECT["requires-python"] == "==3.11.*"


def test_the_installed_versions_are_those_of_the_lock() -> None:
    names = [requirement.name for requirement in WANTED]
    assert {name: version(name) for name in names} == {name: LOCKED[name] for name in names}
