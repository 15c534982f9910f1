"""The command ``wdp``: nothing heavy is imported before a task is known."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from wdp_lib import __version__
from wdp_lib.cli.arguments import commands, words
from wdp_lib.cli.exits import INTERRUPTED, WRONG_INPUT, say
from wdp_lib.core.errors import LANGUAGES, Text, WdpError, user_language

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

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``wdp``; those of the process by default.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # ``?`` for what the console cannot show
    language = _asked_language(arguments) or user_language()
    os.environ["WDP_LANGUAGE"] = language
    options = _parser().parse_args(arguments)
    try:
        return options.action(options)
    except WdpError as error:
        print(error.render(language), file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        say(Text("已中断。", "Interrupted."), sys.stderr)
        return INTERRUPTED


def _in_language(zh: str, en: str) -> str:
    return Text(zh, en).in_language(user_language())


def _asked_language(arguments: Sequence[str]) -> str | None:
    """The language named among the words, needed before the help is written."""
    given = " ".join(arguments).replace("--language=", "--language ").split(" ")
    asked = [after for word, after in zip(given, given[1:], strict=False) if word == "--language"]
    return next((language for language in asked if language in LANGUAGES), None)


class _Parser(argparse.ArgumentParser):
    """Argparse with headings in the user's language."""

    def __init__(self, command: str = "", **settings):
        described = words(command)
        super().__init__(description=described, add_help=False, allow_abbrev=False, **settings)
        self.formatter_class = _Help
        self.epilog = _EXIT_CODES.in_language(user_language())
        self.command = command
        self.arguments = self.add_argument_group(_in_language("参数", "arguments"))
        self.options = self.add_argument_group(_in_language("选项", "options"))
        self.add("-h --help", action="help")
        self.add("--language", choices=LANGUAGES, default=argparse.SUPPRESS)

    def add(self, names: str, **settings) -> None:
        """Add an argument with its words."""
        flags = names.split()
        group = self.options if names.startswith("-") else self.arguments
        group.add_argument(*flags, **settings, help=words(self.command, flags[-1]))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end with 2."""
        self.print_usage(sys.stderr)
        chinese = message
        for pattern, words_ in _CHINESE:
            chinese = re.sub(pattern, words_, chinese)
        told = _in_language(f"错误：{chinese}", f"error: {message}")
        self.exit(WRONG_INPUT, f"{self.prog}: {told}\n")


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):
        shown = _in_language("用法：", "usage: ") if prefix is None else prefix
        super().add_usage(usage, actions, groups, shown)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="wdp")
    parser.add("--version", action="version", version=f"wdp {__version__}")
    title, metavar = _in_language("命令", "commands"), _in_language("命令", "COMMAND")
    tasks = parser.add_subparsers(title=title, metavar=metavar, required=True, dest="task")
    for name, (action, settings) in commands().items():
        task = tasks.add_parser(name, help=words(name), command=name)
        task.set_defaults(action=action)
        for names, given in settings.items():
            task.add(names, **given)
    return parser
