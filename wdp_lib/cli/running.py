"""What ``wdp run`` and ``wdp verify`` do."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence

from wdp_lib.cli.exits import DONE, NOTEBOOK_FAILED, WRONG_INPUT, say
from wdp_lib.core.errors import ParameterError, Text, WdpError, user_language

_REASONS = {
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
_FILES = {"there": Text("有", "there"), "missing": Text("缺", "missing")}
_INPUTS = {
    "changed": Text("已改动", "changed"),
    "gone": Text("已不存在", "gone"),
    "added": Text("新增", "added"),
}


def run(options: argparse.Namespace) -> int:
    """Carry out ``wdp run``: every file is told what is wrong with it, and the good ones are run."""
    from wdp_lib.batch import Order, run_all, usual_jobs
    from wdp_lib.core.home import find_home

    planned, code = _planned(options)
    home = find_home()
    if options.dry_run:
        return max(code, _list_work(planned, home, options))
    settings = {name: getattr(options, name) for name in ("out", "only", "resume", "timeout")}
    orders = [
        Order(one, home, settings, quiet=options.quiet, named=len(planned) > 1) for one in planned
    ]
    jobs = options.jobs or usual_jobs()
    try:
        ends = run_all(orders, jobs=jobs, scheduler=options.scheduler, ended=_Teller(options))
    except KeyboardInterrupt:
        say(
            Text(
                "已完成的笔记本已保留，可用 --resume 接着运行。",
                "What is done is kept; go on with --resume.",
            )
        )
        raise
    return max([code, *map(_code, ends)])


def _planned(options: argparse.Namespace) -> tuple[list, int]:
    """The runs of all files, and the exit code of those that are wrong."""
    from wdp_lib.batch import plan_runs

    overrides, language = dict(options.parameter), getattr(options, "language", None)
    selected: dict[str, list[str]] = {"area": options.area} if options.area else {}
    for axis, value in options.select:
        selected.setdefault(axis, []).append(value)
    try:
        return plan_runs(
            options.params, overrides=overrides, selected=selected, language=language
        ), DONE
    except WdpError:
        if len(options.params) == 1:
            raise
    planned, code = [], DONE
    for path in options.params:
        try:
            planned += plan_runs([path], overrides=overrides, selected=selected, language=language)
        except WdpError as error:
            print(error.render(), file=sys.stderr)
            code = WRONG_INPUT
    names = Counter(one.run.run for one in planned)
    if max(names.values(), default=0) > 1:
        plan_runs(
            options.params, overrides=overrides, selected=selected, language=language
        )  # tells which run is there twice
    return planned, code


def _list_work(planned: Sequence, home, options: argparse.Namespace) -> int:
    from wdp_lib.batch import work_list

    language, code, count = user_language(), DONE, 0
    for one in planned:
        try:
            listed = work_list(one, home=home, out=options.out, only=options.only)
        except WdpError as error:
            print(error.render(), file=sys.stderr)
            code = WRONG_INPUT
            continue
        say(Text(f"{one.run.run}  {one.run.title.zh}", f"{one.run.run}  {one.run.title.en}"))
        for notebook, reasons in listed:
            again = not options.resume or bool(reasons)
            count += again
            told = Text("运行", "run") if again else Text("沿用", "keep")
            reasons = reasons if options.resume else ("all",)
            why = (
                "、".join(_REASONS[r].zh for r in reasons),
                ", ".join(_REASONS[r].en for r in reasons),
            )
            changed = Text(why[0] or "没有变化", why[1] or "nothing changed")
            print(f"  {told.in_language(language)}  {notebook}  ({changed.in_language(language)})")
    say(
        Text(
            f"共 {len(planned)} 份报告，运行 {count} 个笔记本",
            f"{len(planned)} reports, {count} notebooks to run",
        )
    )
    return code


class _Teller:
    """Says how many of many runs have ended, how many failed, and how long the rest may take."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.quiet, self.elsewhere, self.done, self.failed = (
            options.quiet,
            bool(options.scheduler),
            0,
            0,
        )

    def __call__(self, end, left: int, seconds: float) -> None:
        if end.error:
            print(end.error, file=sys.stderr)
        elif end.failed:
            listed, logs = ", ".join(end.failed), f"{end.folder}/logs"
            told = Text(
                f"{end.run}：运行失败的笔记本 {listed}，日志在 {logs}",
                f"{end.run}: notebooks that failed: {listed}; logs in {logs}",
            )
            print(told.in_language(user_language()), file=sys.stderr)
        self.done += 1
        self.failed += bool(end.error or end.failed)
        if self.elsewhere and end.folder and not self.quiet:  # its own words were said there
            say(
                Text(
                    f"{end.run} 报告：{end.folder}/index.html",
                    f"{end.run} report: {end.folder}/index.html",
                )
            )
        if not self.quiet and self.done + left > 1:
            wait = (
                Text(f"，约还需 {seconds:.0f} 秒", f", about {seconds:.0f} s left")
                if left
                else Text("", "")
            )
            say(
                Text(
                    f"已完成 {self.done} 份报告{f'，其中 {self.failed} 份有笔记本失败' if self.failed else ''}{wait.zh}",
                    f"reports ended: {self.done}{f', with failures: {self.failed}' if self.failed else ''}{wait.en}",
                )
            )


def _code(end) -> int:
    if end.wrong_input:
        return WRONG_INPUT
    return NOTEBOOK_FAILED if end.failed or end.error else DONE


def parameters(options: argparse.Namespace) -> int:
    """Carry out ``wdp parameters``: one line of YAML for each parameter, without the folder only a run has."""
    from wdp_lib.batch import notebook_task
    from wdp_lib.core.home import find_home

    planned, code = _planned(options)
    if len(planned) != 1:
        told = Text(
            f"参数文件代表 {len(planned)} 次运行，请用 --area 或 --select 选定一次。",
            f"The file stands for {len(planned)} runs; choose one by --area or --select.",
        )
        raise ParameterError(told)
    for name, value in notebook_task(
        planned[0], options.notebook, home=find_home()
    ).parameters.items():
        print(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return code


def verify(options: argparse.Namespace) -> int:
    """Carry out ``wdp verify``: 0 when the report is untouched and comes out the same, else 1."""
    from wdp_lib.batch import verify_report
    from wdp_lib.core.home import find_home

    found = verify_report(options.report, home=find_home(), progress=None if options.quiet else say)
    language = user_language()
    for name in found.altered:
        say(Text(f"已被改动：{name}", f"altered: {name}"))
    for name, how in found.inputs.items():
        print(
            f"{Text('输入', 'input').in_language(language)} {name}: {_INPUTS[how].in_language(language)}"
        )
    for name, (then, now) in found.versions.items():
        print(
            f"{Text('版本', 'version').in_language(language)} {name}: {then or '—'} → {now or '—'}"
        )
    for row in found.differences.itertuples():
        place = " ".join(filter(None, (row.file, row.row, row.column)))
        then, now = (
            _FILES[told].in_language(language) if told in _FILES else told
            for told in (row.recorded, row.now)
        )
        print(f"{place}: {then} → {now}")
    if found.holds:
        say(Text(f"{found.run}：与记录完全一致", f"{found.run}: exactly as recorded"))
        return DONE
    count = len(found.differences)
    say(Text(f"{found.run}：{count} 处不同", f"{found.run}: {count} differences"))
    return NOTEBOOK_FAILED
