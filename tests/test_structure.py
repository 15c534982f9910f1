"""The house: one direction of imports, light imports, documented names, words for every code, no forbidden words."""

import ast
import csv
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import wdp_lib as wdp
from wdp_lib.core.columns import Contract, fields
from wdp_lib.core.words import vocabulary

HOME = Path(__file__).parents[1]
LIBRARY = HOME / "wdp_lib"
ORDER = (
    "core",
    "plan",
    "data",
    "store",
    "simulate",
    "forecasting",
    "backtesting",
    "assessment",
    "comparison",
    "effects",
    "evaluation",
    "disclosure",
    "supervision",
    "publish",
    "study",
    "batch",
    "documents",
    "site",
    "cli",
)
LIGHT = {"pandas", "numpy"}
MODULES = sorted(p for p in LIBRARY.rglob("*.py") if p.name != "__init__.py" or p.parent != LIBRARY)


def part(path):
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports(path, *, top_only):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(LIBRARY)))
def test_a_part_imports_only_from_parts_to_its_left(path):
    own = ORDER.index(part(path))
    for name in imports(path, top_only=False):
        if name.startswith("wdp_lib."):
            assert ORDER.index(name.split(".")[1]) <= own, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(LIBRARY)))
def test_a_module_loads_only_pandas_and_numpy_when_imported(path):
    for name in imports(path, top_only=True):
        root = name.split(".")[0]
        if path.name == "provisioner.py" and root == "jupyter_client":
            continue  # only Jupyter loads this module, by the name of its kernel
        assert root in LIGHT | {"wdp_lib"} | set(sys.stdlib_module_names), (
            f"{path.name} imports {name}"
        )


def test_the_library_imports_no_benchmark():
    assert not [
        p for p in MODULES if any(n.startswith("benchmarks") for n in imports(p, top_only=False))
    ]


def test_every_part_has_its_place_in_the_order():
    assert {part(p) for p in MODULES} == set(ORDER)


def test_no_module_is_longer_than_400_lines():
    long = {
        str(p.relative_to(LIBRARY)): n
        for p in MODULES
        if (n := len(p.read_text("utf-8").splitlines())) > 400
    }
    assert not long


@pytest.mark.parametrize("name", [name for task in wdp.TASKS.values() for name in task])
def test_every_public_name_exists_and_is_documented(name):
    thing = getattr(wdp, name)
    assert callable(thing)
    assert thing.__doc__ and len(thing.__doc__) > 30


def test_public_names_are_few_and_each_stands_under_one_task():
    names = [name for task in wdp.TASKS.values() for name in task]
    assert len(names) == len(set(names)) <= 80


def rule_codes():
    """Every rule of the templates, and every rule named where a text is read."""
    with (LIBRARY / "data" / "problems.csv").open(encoding="utf-8", newline="") as stream:
        yield from (row["code"].partition(".")[0] for row in csv.DictReader(stream))
    for node in ast.walk(ast.parse((LIBRARY / "data/read/cells.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reading":
            yield from (a.value for a in node.args[1:2] if isinstance(a, ast.Constant))


def test_every_rule_of_the_data_checks_has_a_word():
    known = {code for topic, code in vocabulary() if topic == "rule"}
    unknown = {code for code in rule_codes() if re.fullmatch(r"[a-z_]*[a-z]", code)} - known
    assert not unknown


def test_each_word_stands_once_and_in_both_languages():
    lines = (LIBRARY / "core" / "vocabulary.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == len(vocabulary())
    assert all(text.zh and text.en for text in vocabulary().values())


@pytest.fixture(scope="module")
def made():
    return SimpleNamespace(**runpy.run_path(str(HOME / "docs" / "make_dictionary.py")))


def test_the_field_dictionary_and_the_terms_are_made_from_the_tables_of_the_library(made):
    assert (HOME / "docs" / "fields.md").read_text(encoding="utf-8") == made.dictionary()
    assert (HOME / "docs" / "terms.md").read_text(encoding="utf-8") == made.terms()


def test_every_column_is_described_once_and_every_description_is_of_a_column(made):
    tables = made.every(Contract)
    used = {
        name if (name := f"{table.name}.{column}") in fields() else column
        for table in tables
        for column in table.names
    }
    assert set(fields()) - used == set()
    lines = (LIBRARY / "core" / "fields.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == len(fields())
    assert all(c.meaning.zh and c.meaning.en for c in fields().values())


def test_importing_the_library_loads_no_other_package_than_pandas_does():
    code = """
import sys, pandas
before = set(sys.modules)
import wdp_lib
packages = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(packages - sys.stdlib_module_names))"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["wdp_lib"]


TRACKED = subprocess.run(
    ["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=True
).stdout.split()


def test_no_file_names_a_package_index_or_a_path_of_some_machine():
    pattern = re.compile(
        r"--(extra-)?index-url[ =]|https?://[^ ]*/simple/|(?<![\w.])/(work|root|home)/"
    )
    texts = [
        n
        for n in TRACKED
        if n.endswith((".py", ".md", ".toml", ".yml", ".yaml", ".lock", ".ipynb", ".csv"))
    ]
    own = str(Path(__file__).relative_to(HOME))
    bad = [n for n in texts if n != own and pattern.search((HOME / n).read_text(encoding="utf-8"))]
    assert not bad
