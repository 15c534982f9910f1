"""What ``wdp run``, ``wdp parameters`` and ``wdp verify`` do."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from wdp_lib.cli.actions import DONE, NOTEBOOK_FAILED, WRONG_INPUT
from wdp_lib.core.console import explained, say
from wdp_lib.core.errors import ParameterError, Text, WdpError
from wdp_lib.core.home import find_home

_REASONS = {
    "none": Text("没有变化", "nothing changed"),
    "all": Text("全部重新运行", "everything anew"),
    "new": Text("尚无结果", "no results yet"),
    "results": Text("结果文件有改动", "result files were altered"),
    "notebook": Text("笔记本", "notebook"),
    "texts": Text("文本", "texts"),
    "parameters": Text("参数", "parameters"),
    "data": Text("数据", "data"),
    "library": Text("程序库", "library"),
    "environment": Text("软件版本", "versions of packages"),
}
_FOUND = {
    "there": Text("有", "there"),
    "missing": Text("缺", "missing"),
    "changed": Text("已改动", "changed"),
    "gone": Text("已不存在", "gone"),
    "added": Text("新增", "added"),
}


def run(options: argparse.Namespace) -> int:
    """Carry out ``wdp run``: every file is told what is wrong with it, the good ones are run."""
    from wdp_lib.batch import warm_ahead

    home = find_home()
    reports = Path(options.out or home / "reports")
    there = all((reports / Path(one).stem / "run.json").is_file() for one in options.params)
    if not (options.dry_run or options.resume or options.scheduler or there and not options.anew):
        warm_ahead(os.environ)  # it gets warm while the rest is imported, read and checked
    from wdp_lib.batch import Order, run_all, usual_jobs

    planned, code = _planned(options)
    many = len(planned) > 1
    if options.dry_run:
        return max(code, _list_work(planned, home, options))
    settings = {name: getattr(options, name) for name in ("out", "only", "resume", "timeout")}
    settings["if_changed"] = not options.anew
    try:
        ends = run_all(
            [Order(one, home, settings, quiet=options.quiet, named=many) for one in planned],
            jobs=options.jobs or usual_jobs(),
            scheduler=options.scheduler,
            insecure=options.insecure_scheduler,
            ended=_Teller(options),
            keep=None if options.only else reports,
        )
    except KeyboardInterrupt:
        zh = "已完成的笔记本已保留，可用 --resume 接着运行。"
        say(Text(zh, "What is done is kept; go on with --resume."))
        raise
    if any(end.wrong_input for end in ends):
        return WRONG_INPUT
    return max(code, *(NOTEBOOK_FAILED if end.failed or end.error else DONE for end in ends))


def _planned(options: argparse.Namespace) -> tuple[list, int]:
    from wdp_lib.batch import plan_runs

    selected: dict[str, list[str]] = {"area": options.area} if options.area else {}
    for axis, value in options.select:
        selected.setdefault(axis, []).append(value)
    plan = partial(
        plan_runs,
        overrides=dict(options.parameter),
        selected=selected,
        language=getattr(options, "language", None),
        edition=getattr(options, "edition", None),
    )
    try:
        return plan(options.params), DONE
    except WdpError:
        if len(options.params) == 1:
            raise
    planned, code = [], DONE
    for path in options.params:
        try:
            planned += plan([path])
        except Exception as error:
            say(explained(error).render(), sys.stderr)
            code = WRONG_INPUT
    if len({one.run for one in planned}) < len(planned):
        plan(options.params)  # tells which run is there twice
    return planned, code


def _list_work(planned: Sequence, home: Path, options: argparse.Namespace) -> int:
    from wdp_lib.batch import work_list
    from wdp_lib.batch.folders import report_folder
    from wdp_lib.batch.record import stands

    code, count = DONE, 0
    for one in planned:
        try:
            listed = work_list(one, home=home, out=options.out, only=options.only)
        except Exception as error:
            say(explained(error).render(), sys.stderr)
            code = WRONG_INPUT
            continue
        folder = report_folder(one, home, options.out, options.only)
        kept = not options.anew and stands(one, home, folder)
        say(Text(f"{one.run}  {one.title.zh}", f"{one.run}  {one.title.en}"))
        for notebook, changed in listed:
            reasons = changed if options.resume else () if kept else ("all",)
            count += bool(reasons)
            why, told = [_REASONS[reason] for reason in reasons or ["none"]], bool(reasons)
            zh = f"  {'运行' if told else '沿用'}  {notebook}  ({'、'.join(one.zh for one in why)})"
            en = f"  {'run' if told else 'keep'}  {notebook}  ({', '.join(one.en for one in why)})"
            say(Text(zh, en))
    zh = f"共 {len(planned)} 份报告，运行 {count} 个笔记本"
    en = f"{_count(len(planned), 'report')}, {_count(count, 'notebook')} to run"
    say(Text(zh, en))
    return code


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


class _Teller:
    """Says how many of many runs have ended, how many failed, how long the rest may take."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.done = self.failed = 0

    def __call__(self, end, left: int, seconds: float) -> None:
        if end.error:
            say(end.error, sys.stderr)
        elif end.failed:
            listed, logs = ", ".join(end.failed), f"{end.folder}/logs"
            zh = f"{end.run}：运行失败的笔记本 {listed}，日志在 {logs}"
            en = f"{end.run}: notebooks that failed: {listed}; logs in {logs}"
            say(Text(zh, en), sys.stderr)
        self.done += 1
        self.failed += bool(end.error or end.failed)
        if self.options.quiet:
            return
        if self.options.scheduler and end.folder:  # its own words were said there
            page = f"{end.folder}/index.html"
            say(Text(f"{end.run} 报告：{page}", f"{end.run} report: {page}"))
        if self.done + left > 1:
            zh, en = f"已完成 {self.done} 份报告", f"reports ended: {self.done}"
            if self.failed:
                zh += f"，其中 {self.failed} 份有笔记本失败"
                en += f", with failures: {self.failed}"
            if left:
                zh, en = f"{zh}，约还需 {seconds:.0f} 秒", f"{en}, about {seconds:.0f} s left"
            say(Text(zh, en))


def parameters(options: argparse.Namespace) -> int:
    """Carry out ``wdp parameters``: a line of YAML for each parameter the notebook has.

    Without the folder that only a run has.
    """
    from wdp_lib.batch import notebook_task

    planned, code = _planned(options)
    if len(planned) != 1:
        zh = f"参数文件代表 {len(planned)} 次运行，请用 --area 或 --select 选定一次。"
        en = f"The file stands for {_count(len(planned), 'run')}; choose one by --area or --select."
        raise ParameterError.of(zh, en)
    task = notebook_task(planned[0], options.notebook, home=find_home())
    for name, value in task.parameters.items():
        say(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return code


def verify(options: argparse.Namespace) -> int:
    """Carry out ``wdp verify``: 0 when the report is untouched and comes out the same, else 1."""
    from wdp_lib.batch import verify_report

    found = verify_report(options.report, home=find_home(), progress=None if options.quiet else say)
    for name in found.altered:
        say(Text(f"已被改动：{name}", f"altered: {name}"))
    for name, how in found.inputs.items():
        say(Text(f"输入 {name}: {_FOUND[how].zh}", f"input {name}: {_FOUND[how].en}"))
    for name, (then, now) in found.versions.items():
        pair = f"{name}: {then or '—'} → {now or '—'}"
        say(Text(f"版本 {pair}", f"version {pair}"))
    for row in found.differences.itertuples():
        place = " ".join(filter(None, (row.file, row.row, row.column)))
        was, is_ = (_FOUND.get(told, Text(told, told)) for told in (row.recorded, row.now))
        say(Text(f"{place}: {was.zh} → {is_.zh}", f"{place}: {was.en} → {is_.en}"))
    count = len(found.differences)
    told = Text(f"{found.run}：{count} 处不同", f"{found.run}: {_count(count, 'difference')}")
    same = Text(f"{found.run}：与记录完全一致", f"{found.run}: exactly as recorded")
    say(same if found.holds else told)
    return DONE if found.holds else NOTEBOOK_FAILED
