"""Where a site stands, and the list of all reports."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from conftest import write_csv
from site_kit import Read, home_fixture, site_fixture, study_fixture, tables  # noqa: F401, fixtures

from wdp_lib.batch.params import as_run
from wdp_lib.batch.record import as_json, input_hashes
from wdp_lib.site import place_site, write_runs

GIVEN = {"plan": "tiny", "dataset": "drawn", "as_of": "2026-06-30", "stage": "midterm"}
GIVEN |= {"through": 2030, "language": "zh", "seed": 1}


def a_run(name, **changed):
    content = {"run": name, "title": {"zh": f"小规划 {name}", "en": name}, "notebooks": ["10-data"]}
    return as_run(content | {"parameters": GIVEN | changed}, Path("a.yaml"), {})


def report(home, reports, run, verdicts=(), inputs=None):
    """A report as a run leaves it, with the goals where they stand."""
    folder = reports / run.run
    (folder / "tables").mkdir(parents=True)
    (folder / "index.html").write_text("笔记本", encoding="utf-8")
    rows = [{"goal": str(n), "verdict": one, "mark": "模拟数据"} for n, one in enumerate(verdicts)]
    if rows:
        write_csv(folder / "tables" / "verdicts.csv", rows, list(rows[0]))
    record = {
        "run": run.run,
        "title": {"zh": run.title.zh, "en": run.title.en},
        "parameters": dict(run.parameters),
        "notebook_parameters": {},
        "notebooks": [{"notebook": "10-data", "state": "done", "outputs": {}}],
        "inputs": input_hashes(run, home) if inputs is None else inputs,
        **{name: {} for name in ("tables", "axes", "versions")},
        "state": "done",
    }
    (folder / "run.json").write_text(as_json(record), encoding="utf-8")
    return folder


def placed(home, study, reports, run):
    documents = reports / f"{run.run}.documents"
    documents.mkdir()
    (documents / "报告.docx").write_bytes(b"")
    names = ["报告.docx"]
    where = {"report": reports / run.run, "documents": documents, "names": names}
    return place_site(study, run, input_hashes(run, home), **where)


def test_the_site_is_the_first_page_of_its_report_and_the_notebooks_stay_one_click_away(
    home, study, tmp_path
):
    run = a_run("county")
    then = input_hashes(run, home) | {
        "notebooks/10-data.ipynb": "0",
        "data/archive/a/round.json": "0",
    }
    folder = report(home, tmp_path, run, inputs=then)
    assert placed(home, study, tmp_path, run) == folder / "index.html"
    assert (folder / "basis.html").read_text(encoding="utf-8") == "笔记本"
    links = Read(folder / "index.html").links
    assert "basis.html" in links and "../county.documents/%E6%8A%A5%E5%91%8A.docx" in links
    assert {path.name for path in folder.iterdir()} >= {"run.json", "site", "tables"}


def test_a_report_of_other_data_is_left_as_it_is_and_so_is_one_for_an_edition(
    home, study, tmp_path
):
    run = a_run("county")
    folder = report(home, tmp_path, run, inputs={"data/observations/drawn/a.csv": "0"})
    first = placed(home, study, tmp_path, run)
    assert first.parent == tmp_path / "county.documents"
    assert "报告.docx" in unquote(" ".join(Read(first).links))
    public = a_run("public")
    report(home, tmp_path, public)
    seen = placed(home, replace(study, edition="public"), tmp_path, public)
    assert seen.parent == tmp_path / "public.documents"
    assert (folder / "index.html").read_text(encoding="utf-8") == "笔记本"
    assert "basis" not in " ".join(Read(seen).links)


def test_a_report_of_the_same_edition_takes_the_site_of_that_edition(home, study, tmp_path):
    run = a_run("county-public", edition="public")
    folder = report(home, tmp_path, run)
    assert placed(home, replace(study, edition="public"), tmp_path, run).parent == folder


def test_the_list_of_reports_has_each_round_and_sets_those_of_one_plan_side_by_side(home, tmp_path):
    report(home, tmp_path, a_run("a-2024", as_of="2024-06-30"), ["hard", "attained", "behind"])
    report(home, tmp_path, a_run("b-2026"), ["attained", "attained", "behind"])
    report(home, tmp_path, a_run("other", plan="elsewhere"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{", encoding="utf-8")
    page = write_runs(tmp_path, language="zh")
    listed, compared = tables(page)
    assert [row[0].split()[0] for row in listed[1:]] == ["小规划", "小规划", "broken:", "小规划"]
    assert [row[0] for row in compared] == ["目标（项）", "已达标", "进度滞后", "困难或变差"]
    assert [row[1:] for row in compared[1:]] == [["1", "2"], ["1", "1"], ["1", "0"]]
    assert "模拟数据" in Read(page).text and Read(page).asked == []
    for link in Read(page).links:
        assert link.startswith("#") or (tmp_path / unquote(link)).name == "index.html"
