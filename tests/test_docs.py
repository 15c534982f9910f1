"""The documents are true: their commands run, their names, files and links exist, generated pages are up to date."""

import re
import runpy
import shlex
import shutil
from pathlib import Path

import pytest

from wdp_lib import cli
from wdp_lib.study import Study, shown

HOME = Path(__file__).parents[1]
DOCS = HOME / "docs"
PAGES = sorted([*HOME.glob("*.md"), *DOCS.rglob("*.md")])
WRITTEN = [page for page in PAGES if page.name != "CHANGELOG.md"]
PAIRS = [
    HOME / "README.md",
    *(DOCS / f"{name}.md" for name in ("tutorial", "how-to", "batches", "researcher", "gallery")),
]
PAIRS.append(DOCS / "architecture.md")
FOLDERS = ("data", "docs", "notebooks", "params", "tests", "wdp_lib", "benchmarks")
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`([^`\n]+)`")
AT_ONCE = ("plans", "data", "check")


def blocks(page):
    """The fenced blocks of a page: language, file it is to be written to, content."""
    return [found.groups() for found in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def commands(page):
    """The command lines of a page, as words."""
    lines = [line for kind, _, text in blocks(page) if kind == "bash" for line in text.splitlines()]
    single = [part for line in lines for part in line.split("&&")]
    return [words for line in single if (words := shlex.split(line, comments=True))]


def code(page):
    """What a reader types or saves, whatever the language of its comments and of the results."""
    typed = [(kind, text) for kind, _, text in blocks(page) if kind in ("bash", "csv", "python")]
    plain = re.compile(r" +#.*|(, )?language=\"\w\w\"")
    return [(kind, plain.sub("", text)) for kind, text in typed]


def chinese(page):
    return page.with_name(page.name.replace(".md", ".zh-CN.md"))


def label(page):
    return page.relative_to(HOME).as_posix()


EVERY_PAGE = pytest.mark.parametrize("page", WRITTEN, ids=label)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of what people edit, as the folder one works in."""
    for name in ("data", "params", "notebooks"):
        shutil.copytree(HOME / name, tmp_path / name)
    monkeypatch.setenv("WDP_HOME", str(tmp_path))
    monkeypatch.setenv("WDP_LANGUAGE", "zh")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def help_of(task, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([task, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def follow(words, capsys):
    """Carry out a command of the tutorial: quick ones for real, a run as a dry run, others by their help."""
    if words[1] == "run":
        assert cli.main([*words[1:], "--dry-run"]) == 0
    elif words[1] in AT_ONCE:
        # returns with rows that were sent back end with 2
        assert cli.main(words[1:]) == (2 if "--data" in words else 0)
    else:
        return help_of(words[1], capsys)
    return capsys.readouterr().out


def walk(page, project, capsys):
    """Do what a page says, in its order; return what each command told, and the names its Python made."""
    told, here = {}, {}
    for kind, file, text in blocks(page):
        if kind == "bash":
            for words in (shlex.split(line) for line in text.splitlines()):
                if words[0] == "wdp":
                    told[" ".join(words[1:])] = follow(words, capsys)
        elif kind == "python":
            exec(compile(text, page.name, "exec"), here)  # noqa: S102, the page is what is tested
        elif file:
            with (project / file).open("a", encoding="utf-8") as stream:
                stream.write(text)
    return told, here


def test_the_how_tos_can_be_followed(project, capsys):
    told, _ = walk(DOCS / "how-to.md", project, capsys)
    one = told["run params/ruyuan-townships-2025.yaml --area guitou --dry-run"]
    assert "ruyuan-townships-2025-guitou" in one and "rucheng" not in one


def test_the_tutorial_can_be_followed(project, capsys):
    told, here = walk(DOCS / "tutorial.md", project, capsys)
    assert "ruyuan-2021-2030" in told["plans"] and "ruyuan-demo" in told["data"]
    before = told["check --plan ruyuan-2021-2030 --data ruyuan-demo"]
    after = told["check --plan ruyuan-2021-2030 --data ruyuan-demo --language en"]
    assert "civil_affairs_bureau.csv，第 603 行" in before
    line = next(one for one in after.splitlines() if "civil_affairs_bureau.csv, row 603" in one)
    assert "found 1700" in line and "expected 170 (file of corrections)" in line
    # at the cut-off 60.17 % of the women of the age were screened, and 70 % are the target
    last = here["risks"].set_index("indicator").loc[here["screening"]]
    assert (last["last_year"], last["last_value"], last["target_lower"]) == (2025, 60.17, 70)


@EVERY_PAGE
def test_each_command_in_a_page_exists_with_its_options(page, capsys):
    targets = set(re.findall(r"^([\w-]+):", (HOME / "Makefile").read_text(), re.MULTILINE))
    for words in commands(page):
        program = Path(words[0]).name
        if program == "make":
            assert set(word for word in words[1:] if "=" not in word) <= targets, words
        if program == "wdp" and words[1] != "--version":
            known = help_of(words[1], capsys)
            options = [word.split("=")[0] for word in words[2:] if word.startswith("-")]
            assert [option for option in options if option not in known] == [], words


@EVERY_PAGE
def test_each_link_leads_to_a_file_and_each_anchor_to_a_heading(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        address, _, anchor = link.partition("#")
        if "://" in address:
            continue
        target = (page.parent / address).resolve() if address else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page):
    """Headings as they stand in addresses: small letters, hyphens for spaces, no marks."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@EVERY_PAGE
def test_each_file_named_in_a_page_exists(page):
    made = (
        "notebooks/en",
        "data/archive/china-midterm-2025",
        "params/ruyuan-annual-2025.yaml",
        "params/children.yaml",
    )
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for name in NAMED.findall(text):
        path = name.rstrip("/")
        if path.split("/")[0] in FOLDERS and "/" in path and not re.search(r"[<>*…\s{(]", path):
            assert (HOME / path).exists() or path in made, name


def test_each_name_of_the_study_in_the_pages_exists():
    text = "\n".join(page.read_text(encoding="utf-8") for page in WRITTEN)
    fields = set(Study.__dataclass_fields__) | set(dir(Study))
    assert [
        name for name in re.findall(r"(?<![\w.])study\.([a-z]\w+)\b", text) if name not in fields
    ] == []
    assert set(re.findall(r"study\.show\(\"(\w+)\"", text)) <= set(shown.view_names())
    assert set(re.findall(r"study\.chart\(\"(\w+)\"", text)) <= set(shown.CHARTS)


@pytest.mark.parametrize("page", PAIRS, ids=label)
def test_both_languages_of_a_page_have_the_same_steps_and_commands(page):
    def levels(one):
        return re.findall(r"^(#+) ", BLOCK.sub("", one.read_text(encoding="utf-8")), re.MULTILINE)

    assert levels(page) == levels(chinese(page))
    assert code(page) == code(chinese(page))


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_fits_on_one_screen(name):
    assert len((HOME / name).read_text(encoding="utf-8").splitlines()) <= 60


def test_the_generated_pages_are_those_of_the_library():
    made = runpy.run_path(str(DOCS / "make_reference.py"))
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == made["reference"]()
    assert (DOCS / "methods.md").read_text(encoding="utf-8") == made["methods"]()


def test_each_decision_stands_in_the_index_once():
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\]\((\d{3}-[\w-]+\.md)\)", index)
    notes = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert sorted(listed) == notes


def test_each_test_that_is_said_to_hold_an_attack_is_there():
    text, file = (DOCS / "hardening.md").read_text(encoding="utf-8"), ""
    named = re.findall(r"(test_\w+\.py|…)::(test_\w+)", text)
    assert len(named) > 40
    for where, name in named:
        file = file if where == "…" else where
        assert f"def {name}(" in (HOME / "tests" / file).read_text(encoding="utf-8"), (file, name)
