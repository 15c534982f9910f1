"""Made-up submissions as they may come in, each with what is true: by number, so that each can be
made again.

A figure of the truth is written in some way that says it, or in one that says nothing for sure;
rows, sheets, encodings and whole files are damaged. Whatever a store uses of one must be true.
"""

import io
import random
import shutil
import zipfile
from datetime import datetime
from functools import cache

from openpyxl import Workbook

from tests.data_kit import PLAN
from tests.store_kit import new_store
from wdp_lib.data import read_dataset
from wdp_lib.data.read.stored import STATES
from wdp_lib.store import ingest

INDICATORS = {"screening": "宫颈癌筛查率", "enrolment": "毛入学率"}
AREAS = {"county": "某县", "east": "东镇", "west": "西镇"}
YEARS = range(2016, 2024)
# ways to write a figure that say the same
SAYS = (
    "{v}", "{v}", "{v}", "{v}", "{v}%", "{v}％", " {v} ", "{w}", "{v}①", "{v}*", "{v}（初步数）",
    "'{v}", "{v}0", "\u200b{v}", "{v}[1]", "{v}注", "{v} %", "+{v}", '="{v}"',
)  # fmt: skip
# and ways that say nothing for sure
SAYS_NOT = (
    "约{v}", "<{v}", "{v}左右", "{v}-{v}", "", "—", "…", "N/A", "未统计", "#DIV/0!", "#REF!", "1e{e}", "NaN",
    "inf", "-inf", "9" * 40, "=SUM(A1:A3)", "=cmd|' /C calc'!A0", "@A1", "+A1", "-A1", "六十", "{v}/{v}",
    "TRUE", "2021年3月", "{v}\n{v}", "{v},{v},{v}", "\x07{v}x", "١٢", "{v}万", "0x3F", "{v}e5", "🙂", "－", "'",
    "<b>{v}</b>", "{v};{v}", "{v}\t", "${{v}}", "../../etc", "-{v}", "{v}人",
)  # fmt: skip
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-8", "big5hkscs")
WRONG_YEARS = (
    "20215",
    "２１",
    "21年",
    "2021-2022",
    "",
    "明年",
    "1899",
    "2021.5",
    "=2021",
    "9" * 30,
)
HEADS = ("指标", "地区", "年份", "数值")


def submission(number):
    """Return name and bytes of a submission, and its truth: value by indicator, area and year."""
    draw = random.Random(number)
    truth = {
        (i, a, y): round(draw.uniform(55, 95), draw.choice((1, 2)))
        for i in draw.sample(list(INDICATORS), draw.randint(1, 2))
        for a in draw.sample(list(AREAS), draw.randint(1, 3))
        for y in draw.sample(YEARS, draw.randint(1, 4))
    }
    rows = draw.choice((_long, _long, _by_year, _by_year))(truth, draw)
    rows = _hurt(rows, draw)
    name, data = draw.choice((_csv, _csv, _workbook, _workbook, _page))(rows, draw)
    if draw.random() < 0.15:
        name, data = draw.choice((_cut, _odd_bytes, _bomb, _other, _nothing))(name, data, draw)
    return name, data, truth


def _say(value, draw):
    way = draw.choice(SAYS_NOT if draw.random() < 0.3 else SAYS)
    return way.format(v=value, w=str(value).translate(WIDE), e=draw.randint(2, 400))


def _long(truth, draw):
    rows = [
        [INDICATORS[i], AREAS[a], draw.choice((str(y), f"{y}年", y)), _say(v, draw)]
        for (i, a, y), v in truth.items()
    ]
    for row in rows:
        if draw.random() < 0.08:
            row[2] = draw.choice(WRONG_YEARS)
        if draw.random() < 0.08:
            row[draw.randint(0, 1)] = draw.choice(
                ("幸福指数", "某某县", "", "=1+1", "县" * 5000, "\x00")
            )
    order = list(range(4))
    draw.shuffle(order)
    heads = list(HEADS)
    if draw.random() < 0.1:
        heads[draw.randint(0, 3)] = draw.choice(("", "数 值", "备注", "=A1", "数值", "年份"))
    return [[row[place] for place in order] for row in (heads, *rows)]


def _by_year(truth, draw):
    (area, *_) = {a for _, a, _ in truth}
    for key in [key for key in truth if key[1] != area]:
        del truth[key]
    years = sorted({y for *_, y in truth})
    rows = [[f"{AREAS[area]}完成情况"], ["指标名称", *(f"{y}年" for y in years)]]
    for i in sorted({i for i, *_ in truth}):
        cells = [_say(truth[i, area, y], draw) if (i, area, y) in truth else "" for y in years]
        rows.append([INDICATORS[i], *cells])
    return [*rows, ["注：本表由统计员填报"]] if draw.random() < 0.5 else rows


def _hurt(rows, draw):
    rows = [list(row) for row in rows]
    for _ in range(draw.choice((0, 0, 1, 2))):
        place = draw.randrange(len(rows))
        kind = draw.randrange(6)
        if kind == 0:
            rows.insert(place, [])
        elif kind == 1:
            rows.insert(place, list(rows[place]))
        elif kind == 2:
            rows[place] = [*rows[place], "多余"]
        elif kind == 3 and len(rows[place]) > 1:
            rows[place] = rows[place][:-1]
        elif kind == 4:
            rows.append(["合计", *["" for _ in rows[place][1:]]])
        else:
            rows.append(list(rows[0]))
    return rows


def _csv(rows, draw):
    mark = draw.choice((",", ",", "\t", ";"))
    quote = draw.choice((True, False))
    lines = []
    for row in rows:
        cells = [str(cell) for cell in row]
        if quote or any(set(cell) & {mark, "\n", '"'} for cell in cells):
            cells = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        lines.append(mark.join(cells))
    text = draw.choice(("\n", "\r\n")).join(lines) + draw.choice(("\n", ""))
    return "报表.csv", text.encode(draw.choice(ENCODINGS), errors="replace")


def _workbook(rows, draw):
    book = Workbook()
    sheet = book.active
    if draw.random() < 0.2:
        sheet = book.create_sheet(draw.choice(("数据", "=1", "2021年", "隐藏", "表" * 30)))
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row, 1):
            _put(sheet, number, place, cell, draw)
    if draw.random() < 0.1:
        sheet.sheet_state = "hidden" if len(book.sheetnames) > 1 else "visible"
    if draw.random() < 0.1:
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=3)
    stream = io.BytesIO()
    book.save(stream)
    return draw.choice(("报表.xlsx", "报表.xls", "报表.csv")), stream.getvalue()


def _put(sheet, number, place, cell, draw):
    text = "".join(c for c in str(cell) if c >= " " or c in "\t\n")[:32000]
    one = sheet.cell(number, place)
    try:
        one.value = float(text) if text.isascii() and draw.random() < 0.7 else text
    except ValueError:
        one.value = text
    if isinstance(one.value, float) and draw.random() < 0.05:
        one.value = datetime(2021, 3, 1)


def _page(rows, draw):
    lines = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
    text = "<html><meta charset=utf-8><table>" + "".join(lines) + "</table></html>"
    return "报表.xls", text.encode("utf-8", errors="replace")


def _cut(name, data, draw):
    if not data.startswith(b"PK"):  # text is cut between lines: half a number is a number too
        lines = data.splitlines(keepends=True)
        return name, b"".join(lines[: draw.randint(0, len(lines))])
    return name, data[: draw.randint(0, len(data) - 1)]


def _odd_bytes(name, data, draw):
    noise = bytes(draw.randrange(256) for _ in range(draw.randint(0, 400)))
    return name, draw.choice(
        (noise, b"PK\x03\x04" + noise, b"\xd0\xcf\x11\xe0" + noise, b"\xff\xfe" + noise)
    )


def _bomb(name, data, draw):
    """Small files that unpack to large ones, or say they are as large as a sheet can be."""
    stream = io.BytesIO()
    kind = draw.randrange(3)
    if kind == 0:
        return "报表.xlsx", _packed()
    book = Workbook()
    if kind == 1:
        book.active["XFD1048576"] = 1
    book.save(stream)
    if kind == 1:
        return "报表.xlsx", stream.getvalue()
    out = io.BytesIO()
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    with zipfile.ZipFile(stream) as packed, zipfile.ZipFile(out, "w") as changed:
        for part in packed.namelist():
            content = packed.read(part)
            if part.endswith("sheet1.xml"):
                content = content.replace(b"<sheetData />", b"<sheetData></sheetData>")
                content = content.replace(b"</sheetData>", merged)
            changed.writestr(part, content)
    return "报表.xlsx", out.getvalue()


@cache
def _packed():
    """210 MB in a file of 200 kB."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"0" * 210_000_000)
    return stream.getvalue()


def _other(name, data, draw):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(draw.choice(("../../x", "a.txt", "xl/workbook.xml")), b"<x/>")
    return draw.choice(("报表.xlsx", "报表.zip")), stream.getvalue()


def _nothing(name, data, draw):
    return name, draw.choice((b"", b"\n\n", b"\xef\xbb\xbf", b" , , \n", b"\0" * 50))


def faults(number, folder):
    """Send a submission to a store of its own; return what is wrong with the outcome, and counts."""
    place = folder / str(number)
    store = new_store(place / "demo")
    name, data, truth = submission(number)
    (place / name).write_bytes(data)
    try:
        counts = ingest(store, place / name, unit="卫健局", received="2024-03-20").counts
        used = read_dataset(store.folder, PLAN, as_of="2024-12-31").observations
    except Exception as error:  # whatever it is, it is told by number
        return [f"{number}: {error!r}"], {}
    finally:
        shutil.rmtree(place)
    found = []
    if counts["submitted"] != sum(counts[state] for state in STATES):
        found.append(f"{number}: {counts}")
    for one in used[used["used"]].itertuples():
        true = truth.get((one.indicator, one.area, one.year))
        if one.value != true:
            found.append(
                f"{number}: {one.indicator}, {one.area}, {one.year}: {one.value}, not {true}"
            )
    return found, counts
