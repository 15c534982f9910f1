"""The year's round of the example county: ``python benchmarks/forms_round_trip.py``.

Forms for all units, filled in by a script, one opened and saved again by LibreOffice Calc where it
is installed, taken into a store, exported as text and loaded back: nothing is lost. Prints a line a
step; ends with 1 where a row is lost.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))
PLAN, DATASET, YEAR, DAY = "ruyuan-2021-2030", "ruyuan-demo", 2026, "2027-04-02"


def main() -> int:
    """Go once round and say what came of it."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        for part in ("plans", "observations", "corrections"):
            shutil.copytree(HOME / "data" / part, home / "data" / part)
        (home / "notebooks").mkdir()
        os.environ["WDP_HOME"] = made
        head = home / "data" / "observations" / DATASET / "dataset.yaml"
        head.write_text(head.read_text("utf-8") + f"store: kept.sqlite\nplan: {PLAN}\n", "utf-8")
        return _round(home)


def _round(home: Path) -> int:
    from wdp_lib.cli import main as wdp
    from wdp_lib.plan import load_plan
    from wdp_lib.store import export_store, ingest, load_store, open_store

    started, folder = time.process_time(), home / "forms"
    wdp(["forms", "--dataset", DATASET, "--year", str(YEAR), "--out", str(folder)])
    forms = sorted(folder.iterdir())
    print(f"forms: {len(forms)} units, {time.process_time() - started:.1f} s of CPU")
    plan, written, lost = load_plan(PLAN), {}, 0
    for path in forms:
        written[path] = _fill(path)
    lost += _resaved(max(forms, key=lambda one: one.stat().st_size), home, plan)
    started, store = time.process_time(), open_store(DATASET, plan)
    for path in forms:
        unit = path.stem.removesuffix(f"-{YEAR}")
        counts = ingest(store, path, unit=unit, received=DAY).counts
        missing = written[path] - counts["submitted"]
        lost += abs(missing)
        if missing or counts["refused"]:
            print(f"  {path.name}: {written[path]} written, {counts}")
    print(f"ingested: {sum(written.values())} rows, {time.process_time() - started:.1f} s of CPU")
    said = export_store(store, home / "text")
    again = home / "data" / "observations" / "again"
    shutil.copytree(head_of(home), again)
    (again / "kept.sqlite").unlink(missing_ok=True)
    same = load_store(open_store("again", plan), home / "text") == said
    print(f"exported and loaded back: {'the same' if same else 'DIFFERENT'}; {lost} rows lost")
    return 1 if lost or not same else 0


def head_of(home: Path) -> Path:
    """Return the folder of the data set."""
    return home / "data" / "observations" / DATASET


def _fill(path: Path) -> int:
    """Fill a form with last year's figures, else with the middle of what is possible."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    sheet = book.active
    place = {cell.value: cell.column for cell in sheet[1]}
    rows = [r for r in range(2, sheet.max_row + 1) if sheet.cell(r, place["指标"]).value]
    for row in rows:
        last = sheet.cell(row, place["上年数值"]).value
        sheet.cell(row, place["数值"]).value = 50 if last is None else last
        sheet.cell(row, place["可知日期"]).value = "2027-03-31"
    book.save(path)
    return len(rows)


def _resaved(path: Path, home: Path, plan) -> int:
    """Have LibreOffice open a form and save it again: the receipt is the same. Return 1 if not."""
    if not shutil.which("soffice"):
        print("LibreOffice is not installed: skipped")
        return 0
    sent = {"as sent": path}
    for kind in ("xlsx", "ods", "xls"):
        command = ["soffice", f"-env:UserInstallation=file://{home}/office", "--headless"]
        command += ["--convert-to", kind, "--outdir", str(home / kind), str(path)]
        subprocess.run(command, capture_output=True, timeout=180)
        sent[kind] = (home / kind / path.name).with_suffix(f".{kind}")
    if not sent["xlsx"].is_file():
        print("LibreOffice opens no workbook (is Calc installed?): skipped")
        return 0
    receipts = {
        name: _receipt(one, home, name.replace(" ", "-"), plan) for name, one in sent.items()
    }
    first, again = receipts["as sent"], receipts["xlsx"]
    same = first.counts == again.counts and first.rows.equals(again.rows)
    print(f"LibreOffice saved {path.name} again: {'the same' if same else 'ANOTHER'} receipt,")
    print(f"  {again.counts}")
    for kind in ("ods", "xls"):
        told = receipts[kind].rows.iloc[0]
        print(f"  as .{kind}: {told['state']}, {told['found_en']}; {told['advice_en']}")
    return int(not same)


def _receipt(path: Path, home: Path, name: str, plan):
    from wdp_lib.store import ingest, open_store

    shutil.copytree(head_of(home), home / "data" / "observations" / name)
    unit = path.stem.removesuffix(f"-{YEAR}")
    return ingest(open_store(name, plan), path, unit=unit, received=DAY)


if __name__ == "__main__":
    raise SystemExit(main())
