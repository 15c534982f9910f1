"""The attack kit: what an outsider with a grudge would send, in numbers; a newcomer adds a line.

``WDP_ATTACKS=20`` makes it twenty times as long.
"""

import io
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from batch_home import WRITE, files, make_home, notebook
from data_kit import AREAS, PLAN, make_dataset, returned, row
from kit import TIMES
from openpyxl import Workbook

from tests.test_import_tables import MEANINGS
from wdp_lib.batch import run_batch
from wdp_lib.core.errors import DataError
from wdp_lib.core.files import table_text
from wdp_lib.data import read_dataset
from wdp_lib.data.tables import lay_out, long_table, read_grids

YEARS = range(2015, 2025)
TRUE = {year: 60 + year % 7 + 0.25 for year in YEARS}
PLACES = [f"place{n}" for n in range(34)]
HOSTILE = ["\x00", "\u200b", "\ufeff", "①", "²", "*", '"', "'", ",", ";", "\t", "\r", "\n", "\x1b[2J",
           "=", "+", "-", "@", "％", "‰", "万", "约", "<", "\u202e", "\x85", "\u2028", "é", "\ud7ff"]  # fmt: skip


def whole(place):
    return returned(*(row(year, value, area=place) for year, value in TRUE.items()))


# --- corrupted returns: each takes a good text and its dice, and gives bytes.
# Those under SAFE change no digit, so that what is accepted must still be true.


def insert(text, dice):
    place = dice.randrange(len(text))
    return (text[:place] + dice.choice(HOSTILE) * dice.randint(1, 3) + text[place:]).encode()


def insert_beside_a_number(text, dice):
    year = dice.choice(YEARS)
    number = f"{TRUE[year]:g}"
    return text.replace(f"{year},{number}", f"{year},{number}{dice.choice(HOSTILE)}").encode()


def repeat_a_line(text, dice):
    lines = text.splitlines()
    lines.insert(dice.randrange(1, len(lines)), dice.choice(lines))
    return "\n".join(lines).encode()


def drop_a_comma(text, dice):
    places = [place for place, one in enumerate(text) if one == ","]
    place = dice.choice(places)
    return (text[:place] + text[place + 1 :]).encode()


def cut_off_at_a_line(text, dice):
    return "\n".join(text.splitlines()[: dice.randint(1, len(YEARS))]).encode()


def encode_otherwise(text, dice):
    text = text.replace("报表", "报表数据")
    return text.encode(dice.choice(["gb18030", "utf-16", "utf-16-le", "utf-8-sig"]))


def shuffle_the_lines(text, dice):
    head, *lines = text.splitlines()
    dice.shuffle(lines)
    return "\r\n".join([head, *lines]).encode()


def quote_at_random(text, dice):
    cells = text.split(",")
    place = dice.randrange(len(cells))
    cells[place] = f'"{cells[place]}'
    return ",".join(cells).encode()


def separate_otherwise(text, dice):
    return text.replace(",", dice.choice(["\t", ";", "|", "，"])).encode()


SAFE = [insert_beside_a_number, repeat_a_line, cut_off_at_a_line, encode_otherwise, shuffle_the_lines,
        quote_at_random, separate_otherwise]  # fmt: skip


def flip_bytes(text, dice):
    data = bytearray(text.encode())
    for _ in range(dice.randint(1, 8)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def cut_off_anywhere(text, dice):
    return text.encode()[: dice.randrange(len(text))]


def swap_two_pieces(text, dice):
    a, b = sorted(dice.sample(range(len(text)), 2))
    return (text[b:] + text[a:b] + text[:a]).encode()


RUTHLESS = [insert, drop_a_comma, flip_bytes, cut_off_anywhere, swap_two_pieces]


@pytest.mark.parametrize("corrupt", [*SAFE, *RUTHLESS], ids=lambda one: one.__name__)
def test_corrupted_returns_lose_no_row_and_give_no_false_value(tmp_path, corrupt):
    # 170 files of a kind, each of a place of its own: about 2,000 in all
    dice = random.Random(corrupt.__name__)
    areas = AREAS + "".join(f"{place},地点{place},{place},township,county\n" for place in PLACES)
    for trial in range(5 * TIMES):
        files = {place: corrupt(whole(place), dice) for place in PLACES}
        good = returned(row(2021, 60))
        folder = make_dataset(tmp_path / f"{trial}", areas=areas, good=good, **files)
        dataset = read_dataset(folder, PLAN, as_of="2026-06-30")
        counts = dict(dataset.counts)
        assert counts.pop("read") == sum(counts.values())
        if corrupt in SAFE:
            kept = dataset.observations[dataset.observations["area"].isin(PLACES)]
            assert len(kept)
            assert all(TRUE[year] == value for year, value in kept[["year", "value"]].values)


# --- damaged workbooks: each takes the bytes of a good one and its dice


def good_workbook():
    book = Workbook()
    sheet = book.active
    sheet.append(["某县妇女发展情况"])
    sheet.append(["指标名称", *(f"{year}年" for year in YEARS)])
    sheet.append(["宫颈癌筛查率", *TRUE.values()])
    sheet.merge_cells("A1:C1")
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


WORKBOOK = good_workbook()


def repacked(change):
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            if (content := change(name, old.read(name))) is not None:
                new.writestr(name, content)
    return packed.getvalue()


def without_a_part(dice):
    gone = dice.choice(zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist())
    return repacked(lambda name, content: None if name == gone else content)


def with_broken_markup(dice):
    def change(name, content):
        place = dice.randrange(len(content))
        return content[:place] + dice.choice([b"<", b">", b'"', b"&x;", b"\x00", b""]) + content[
            place + dice.randint(1, 30) :
        ]  # fmt: skip

    hit = dice.choice(zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist())
    return repacked(lambda name, content: change(name, content) if name == hit else content)


def with_an_entity(dice):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    hit = dice.choice(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
    return repacked(lambda name, content: bomb if name == hit else content)


def with_huge_places(dice):
    place = dice.choice([b"XFD1048576", b"A99999999999", b"ZZZZZZ1", b"A0", b"1A", b""])
    return repacked(lambda name, content: content.replace(b'r="B3"', b'r="' + place + b'"'))


def with_odd_values(dice):
    value = dice.choice(
        [b"1e999", b"-1e999", b"nan", b"x" * 40_000, b"9" * 5000, b"0x10", b"\xe2\x91\xa0"]
    )
    return repacked(
        lambda name, content: content.replace(b"<v>60.25</v>", b"<v>" + value + b"</v>")
    )


def with_flipped_bytes(dice):
    data = bytearray(WORKBOOK)
    for _ in range(dice.randint(1, 20)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def cut_short(dice):
    return WORKBOOK[: dice.randrange(5, len(WORKBOOK))]


DAMAGES = [without_a_part, with_broken_markup, with_an_entity, with_huge_places, with_odd_values,
           with_flipped_bytes, cut_short]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_a_damaged_workbook_is_one_sentence_or_true(tmp_path, damage):
    dice, path = random.Random(damage.__name__), tmp_path / "sent.xlsx"
    for _ in range(143 * TIMES):
        path.write_bytes(damage(dice))
        try:
            grids = read_grids(path)
        except DataError as error:
            assert all(p.file == "sent.xlsx" for p in error.problems)
            continue
        laid = [(grid, lay_out(grid, MEANINGS, PLAN.area)) for grid in grids]
        table = long_table(laid, MEANINGS, status="final", as_of="2025-06-30", source="x")
        assert "root:" not in table.to_csv()


# --- odd environments: each changes what surrounds a run, none what it gives

FORECAST = """\
import pandas as pd
from wdp_lib.core.home import report_path
from wdp_lib.forecasting import forecast_frame
values = [50.0, 52, 53, 55, 58, 60, 61, 63, 66, 67, 70, 71, 73, 74]
series = pd.DataFrame({"series_id": "甲", "year": range(2012, 2026), "value": values, "kind": "percent"})
made = forecast_frame(series, horizon=5, seed=seed)
made.to_csv(report_path(report_folder) / "tables" / "forecast.csv", index=False)
made.round(3)"""
ODD = {
    "LC_ALL": "C", "LANG": None, "HOME": None, "TZ": "Pacific/Kiritimati", "TERM": "dumb", "COLUMNS": "20",
    "PYTHONHASHSEED": "5", "PYTHONIOENCODING": "ascii",
}  # fmt: skip


def test_odd_surroundings_and_an_odd_path_change_no_byte_of_a_report(tmp_path):
    nodes = {"n10_data": notebook(WRITE), "n30_risk": notebook(FORECAST)}
    usual = make_home(tmp_path / "usual", **nodes)
    odd = tmp_path / "县里 的'文件\"夹 $HOME %s"
    home = make_home(odd / "home", **nodes)
    (odd / "tmp").mkdir()
    surroundings = {**os.environ, "WDP_HOME": str(home), "TMPDIR": str(odd / "tmp"), **ODD}
    done = subprocess.run(
        [sys.executable, "-m", "wdp_lib.cli", "run", "params/tiny.yaml", "--quiet"],
        cwd=home, env={name: value for name, value in surroundings.items() if value is not None},
        stdin=subprocess.DEVNULL, capture_output=True, umask=0o077,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    run_batch(usual / "params" / "tiny.yaml", home=usual)
    report = Path("reports") / "tiny-midterm"
    assert files(home / report) == files(usual / report)


# --- cells that a spreadsheet would run


@pytest.mark.parametrize("before", ["", " ", "\u200b", "\ufeff", "\u00ad", "\t", "\r"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_we_write_is_a_formula(before, start):
    cell = f"{before}{start}cmd|' /C calc'!A0"
    written = pd.read_csv(io.StringIO(table_text(pd.DataFrame({"a": [cell, "-1.5", "—"]}))))
    kept = cell.replace("\r", "\n")
    assert written["a"].tolist() == [f"'{kept}", "-1.5", "—"]
