"""One list of packages: pyproject, lock and conda environment say the same; the two commands are in the README."""

import re
import tomllib
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
PROJECT = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (HOME / "requirements.lock").read_text(encoding="utf-8")
CORE = ("jupyterlab", "pandas", "statsmodels", "seaborn", "papermill", "nbval")


def plain(requirement):
    return re.split(r"[<>=!~ \[;]", requirement)[0].lower().replace("_", "-").replace(".", "-")


def wanted():
    return [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]


def locked():
    return {
        plain(m[1]): m[2]
        for m in re.finditer(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", LOCK, re.MULTILINE)
    }


@pytest.mark.parametrize("requirement", wanted())
def test_the_lock_holds_every_dependency_in_a_version_that_is_allowed(requirement):
    from packaging.requirements import Requirement

    assert Requirement(requirement).specifier.contains(locked()[plain(requirement)])


def test_the_fixed_core_is_there():
    assert set(CORE) <= {plain(r) for r in wanted()}


def test_every_pin_has_a_hash():
    pins = re.findall(r"^[A-Za-z0-9._-]+==.*$", LOCK, re.MULTILINE)
    assert len(pins) > 100
    assert all(pin.rstrip().endswith("\\") for pin in pins)


def test_the_conda_environment_installs_the_lock_and_the_project():
    text = (HOME / "environment.yml").read_text(encoding="utf-8")
    assert "--requirement requirements.lock" in text
    assert "--editable ." in text
    assert f"python{PROJECT['requires-python']}" in text


def test_every_dependency_says_what_it_is_for():
    lines = (HOME / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    for requirement in wanted():
        assert any(f'"{requirement}"' in line and "#" in line for line in lines), requirement


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_two_commands(readme):
    text = (HOME / readme).read_text(encoding="utf-8")
    assert "\nmake run " in text
    assert "\nmake test " in text
