"""The command that writes the documents of a round."""

from pathlib import Path

import docx

from wdp_lib.cli.command import main


def test_the_command_writes_report_summary_and_tables_and_leaves_what_was_there(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.delenv("WDP_STUDIES")
    folder = tmp_path / "china-midterm-2025.documents"
    folder.mkdir()
    (folder / "签发.docx").write_bytes(b"x")
    (folder / "中期评估摘要.docx").write_bytes(b"edited")
    params = Path(__file__).parents[1] / "params" / "china-midterm-2025.yaml"
    assert main(["report", str(params), "--out", str(tmp_path)]) == 0
    first = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(["report", str(params), "--out", str(tmp_path)]) == 0
    assert first == {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "index.html", ".studies"}
    pages = {"index.html", *(path.name for path in (folder / "site").iterdir())}
    first = {name: written for name, written in first.items() if name not in pages}
    assert first.pop(".written.json") and first["中期评估摘要.docx"] == b"edited"
    briefs = [name for name in first if name.startswith("领域简报")]
    assert len(briefs) == 2 * 6  # as Word and PDF, of the domains that have goals
    written = sorted(first.keys() - set(briefs))
    report_name = "中期评估报告（统计部分）"
    expected = [
        "中期评估摘要.docx",
        "中期评估摘要-2.docx",
        "中期评估摘要.pdf",
        f"{report_name}.docx",
        f"{report_name}.pdf",
        f"{report_name}.xlsx",
        "2024年年鉴.docx",
        "2024年年鉴.pdf",
        "2024年年鉴.xlsx",
        "keys.csv",
        "签发.docx",
    ]
    assert written == sorted(expected) and (folder / "签发.docx").read_bytes() == b"x"
    told = capsys.readouterr().out
    assert "签发.docx" in told and told.count("没有变化，未重写") == 1
    cover = [one.text for one in docx.Document(str(folder / f"{report_name}.docx")).paragraphs[:8]]
    assert "报告状态：草稿，未经审核" in cover and "数据截至：2025-12-31" in cover
