"""The command line ``wdp``, as data: each command with its arguments; their words in ``words.csv``.

Nothing heavy is imported before a task is known.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NoReturn

from wdp_lib import __version__
from wdp_lib.cli import (
    actions,
    collecting,
    importing,
    packaging,
    reporting,
    running,
    starting,
    storing,
)
from wdp_lib.cli.actions import DONE, INTERRUPTED, WRONG_INPUT
from wdp_lib.core.console import DEBUG, explained, say
from wdp_lib.core.errors import LANGUAGES, Text, user_language
from wdp_lib.core.words import rows_beside

_EXIT_CODES = Text(
    "退出码：0 成功；1 有笔记本运行失败；2 参数、计划或数据有误；130 被中断。",
    "Exit codes: 0 done; 1 a notebook failed; 2 parameters, plan or data are wrong; "
    "130 interrupted.",
)
# argparse has English words only; what is not known stays as it is
_CHINESE = (
    (r"^argument (.+?): ", r"参数 \1："),
    (r"invalid choice: (.+?) \(choose from (.+)\)", r"没有 \1 这一项，可选：\2"),
    (r"the following arguments are required: ", "缺少参数："),
    (r"unrecognized arguments: ", "无法识别："),
    (r"expected one argument", "应给出一个值"),
    (r"expected at least one argument", "应至少给出一个值"),
    (r"expected (\d+) arguments?", r"应给出 \1 个值"),
    (r"invalid int value: ", "应为整数，现为 "),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code: 0, 1, 2 or 130.

    ``arguments``: words after ``wdp``; those of the process by default.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # ``?`` for what the console cannot show
    language = _asked_language(arguments) or user_language()
    os.environ["WDP_LANGUAGE"] = language
    options = _parser().parse_args(arguments)
    if getattr(options, "debug", False):
        os.environ[DEBUG] = "1"
    try:
        return options.action(options)
    except BrokenPipeError:  # whoever read our words has gone
        return DONE
    except Exception as error:  # nobody is shown a traceback who did not ask for one
        say(explained(error).render(language), sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        say(Text("已中断。", "Interrupted."), sys.stderr)
        return INTERRUPTED


def _asked_language(arguments: Sequence[str]) -> str | None:
    """The language named among the words, needed before the help is written."""
    given = " ".join(arguments).replace("--language=", "--language ").split(" ")
    asked = [after for word, after in zip(given, given[1:], strict=False) if word == "--language"]
    return next((language for language in asked if language in LANGUAGES), None)


@cache
def _words() -> dict[tuple[str, str], Text]:
    rows = rows_beside(__file__, "words.csv")
    return {(row["command"], row["argument"]): Text(row["zh"], row["en"]) for row in rows}


def _in_language(zh: str, en: str) -> str:
    return Text(zh, en).in_language(user_language())


def _described(command: str, argument: str = "") -> str:
    known = _words()
    text = known.get((command, argument)) or known["", argument]
    return text.in_language(user_language())


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        told = _in_language(f"应为 名称=值，现为 {text!r}", f"NAME=VALUE is expected, not {text!r}")
        raise argparse.ArgumentTypeError(told)
    return name, value


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        zh, en = f"应为正整数，现为 {text!r}", f"a whole number from 1 is expected, not {text!r}"
        raise argparse.ArgumentTypeError(_in_language(zh, en))
    return int(text)


Settings = dict[str, dict[str, Any]]
_REPEATED: dict[str, Any] = {"action": "append", "default": []}
_FLAG: dict[str, Any] = {"action": "store_true"}
_PARAMS, _FOLDER = {"metavar": "PARAMS"}, {"metavar": "FOLDER"}
_EDITION = {"metavar": "EDITION"}
_NUMBER: dict[str, Any] = {"type": int, "default": argparse.SUPPRESS, "metavar": "N"}
_CHOICE: Settings = {
    "-p --parameter": {**_REPEATED, "type": _name_and_value, "metavar": "NAME=VALUE"},
    "--area": {**_REPEATED, "metavar": "AREA"},
    "--select": {**_REPEATED, "type": _name_and_value, "metavar": "AXIS=VALUE"},
}
_RUN: Settings = {
    "params": {**_PARAMS, "nargs": "+"},
    **_CHOICE,
    "--edition": _EDITION,
    "--only": {**_REPEATED, "metavar": "NOTEBOOK"},
    "--out": _FOLDER,
    "--jobs": {"type": _positive, "metavar": "N"},
    "--resume": _FLAG,
    "--anew": _FLAG,
    "--timeout": {"type": _positive, "metavar": "SECONDS"},
    "--scheduler": {"default": "", "metavar": "ADDRESS"},
    "--insecure-scheduler": _FLAG,
    "--dry-run": _FLAG,
    "--quiet": _FLAG,
}
_CHECK: Settings = {
    "params": {**_PARAMS, "nargs": "*"},
    "--plan": {"metavar": "NAME"},
    "--dataset --data": {"metavar": "NAME"},
    "--as-of": {"metavar": "DATE"},
    "--all": _FLAG,
}
_SIMULATE: Settings = {
    "--folder": {**_FOLDER, "required": True},
    "--plan": {"required": True, "metavar": "NAME"},
    "--corrections": {"metavar": "FILE"},
    **{name: _NUMBER for name in ("--first-year", "--last-year", "--seed")},
}
_NAME = {"metavar": "NAME"}
_IMPORT: Settings = {
    "file": {"metavar": "FILE"},
    "--plan": {**_NAME, "required": True},
    "--data": _NAME,
    "--names": {"metavar": "FILE"},
    "--as-of": {"metavar": "DATE", "default": ""},
    "--status": {"metavar": "WORD", "default": "最终数"},
    "--source": {"metavar": "TITLE", "default": ""},
    "--out": {"metavar": "FILE"},
    "--add": _FLAG,
    "--preview": _FLAG,
}
_INGEST: Settings = {
    "files": {"metavar": "FILE", "nargs": "+"},
    "--dataset": {**_NAME, "required": True},
    "--plan": {**_NAME, "default": ""},
    "--unit": {"metavar": "UNIT", "default": ""},
    "--received": {"metavar": "DATE", "default": ""},
    "--names": {"metavar": "FILE"},
    "--as-of": {"metavar": "DATE", "default": ""},
    "--status": {"metavar": "WORD", "default": "最终数"},
    "--source": {"metavar": "TITLE", "default": ""},
    "--out": _FOLDER,
}
_FORMS: Settings = {
    "--dataset --data": {**_NAME, "required": True},
    "--year": {"type": int, "required": True, "metavar": "YEAR"},
    "--out": {**_FOLDER, "required": True},
    "--plan": _NAME,
}
_STORE: Settings = {
    "verb": {"choices": ("history", "export", "load"), "metavar": "VERB"},
    "folder": {**_FOLDER, "nargs": "?"},
    "--dataset": {**_NAME, "required": True},
    "--plan": {**_NAME, "default": ""},
    "--indicator": {"metavar": "INDICATOR", "default": ""},
    "--area": {"metavar": "AREA", "default": ""},
}
_NEW: Settings = {
    "kind": {"choices": ("plan", "data", "notebook", "study"), "metavar": "KIND"},
    "name": _NAME,
    "--plan": {**_NAME, "default": ""},
    "--data": {**_NAME, "default": ""},
    "--title": {"metavar": "TITLE", "default": ""},
    "--title-en": {"metavar": "TITLE", "default": ""},
    "--area": {"metavar": "AREA", "default": ""},
    "--csv": _FLAG,
}
_NOTEBOOK: Settings = {
    "params": {**_PARAMS, "nargs": 1},
    "notebook": {"metavar": "NOTEBOOK"},
    **_CHOICE,
}
_FORMATS = ("docx", "pdf", "html", "xlsx")


def _formats(text: str) -> list[str]:
    chosen = [one.strip().lower() for one in text.split(",")]
    if set(chosen) <= set(_FORMATS):
        return list(dict.fromkeys(chosen))
    known = ",".join(_FORMATS)
    zh, en = (
        f"应为 {known} 之中的若干项，现为 {text!r}",
        f"some of {known} are expected, not {text!r}",
    )
    raise argparse.ArgumentTypeError(_in_language(zh, en))


_REPORT: Settings = {
    "params": {**_PARAMS, "nargs": "+"},
    "--edition": _EDITION,
    "--format": {"type": _formats, "default": ["docx", "pdf", "xlsx"], "metavar": "FORMATS"},
    "--out": _FOLDER,
}
_PACKAGE: Settings = {
    "params": {**_PARAMS, "nargs": "+"},
    "--edition": {**_EDITION, "default": "public"},
    "--out": _FOLDER,
    "--replace": _FLAG,
}
_NOTEBOOKS: Settings = {"names": {"nargs": "*", "metavar": "NOTEBOOK"}, "--catalogue": _FLAG}


def _commands() -> dict[str, tuple[Callable[[argparse.Namespace], int], Settings]]:
    return {
        "plans": (actions.plans, {}),
        "data": (actions.data, {}),
        "run": (running.run, _RUN),
        "parameters": (running.parameters, _NOTEBOOK),
        "verify": (running.verify, {"report": _FOLDER, "--quiet": _FLAG}),
        "report": (reporting.write_reports, _REPORT),
        "package": (packaging.write_packages, _PACKAGE),
        "new": (starting.new, _NEW),
        "import": (importing.import_tables, _IMPORT),
        "ingest": (storing.ingest, _INGEST),
        "forms": (collecting.forms, _FORMS),
        "store": (storing.store, _STORE),
        "check": (actions.check, _CHECK),
        "archive": (actions.archive, {"report": _FOLDER}),
        "simulate": (actions.simulate, _SIMULATE),
        "notebooks": (actions.notebooks, _NOTEBOOKS),
    }


class _Parser(argparse.ArgumentParser):
    def __init__(self, command: str = "", **settings):
        described = _described(command)
        super().__init__(description=described, add_help=False, allow_abbrev=False, **settings)
        self.formatter_class = _Help
        self.epilog = _EXIT_CODES.in_language(user_language())
        self.command = command
        self.arguments = self.add_argument_group(_in_language("参数", "arguments"))
        self.options = self.add_argument_group(_in_language("选项", "options"))
        self.add("-h --help", action="help")
        self.add("--language", choices=LANGUAGES, default=argparse.SUPPRESS)
        self.add("--debug", action="store_true", default=argparse.SUPPRESS)

    def add(self, names: str, **settings) -> None:
        """Add an argument with its words."""
        flags = names.split()
        group = self.options if names.startswith("-") else self.arguments
        group.add_argument(*flags, **settings, help=_described(self.command, flags[-1]))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end with 2."""
        self.print_usage(sys.stderr)
        chinese = message
        for pattern, words in _CHINESE:
            chinese = re.sub(pattern, words, chinese)
        told = _in_language(f"错误：{chinese}", f"error: {message}")
        self.exit(WRONG_INPUT, f"{self.prog}: {told}\n")


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):
        shown = _in_language("用法：", "usage: ") if prefix is None else prefix
        super().add_usage(usage, actions, groups, shown)

    def _format_action(self, action):
        lines = super()._format_action(action)
        tasks = isinstance(action, argparse._SubParsersAction)
        return lines.partition("\n")[2] if tasks else lines  # the heading has said it


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="wdp")
    parser.add("--version", action="version", version=f"wdp {__version__}")
    title, metavar = _in_language("命令", "commands"), _in_language("命令", "COMMAND")
    tasks = parser.add_subparsers(title=title, metavar=metavar, required=True, dest="task")
    for name, (action, settings) in _commands().items():
        task = tasks.add_parser(name, help=_described(name), command=name)
        task.set_defaults(action=action)
        for names, given in settings.items():
            task.add(names, **given)
    return parser
