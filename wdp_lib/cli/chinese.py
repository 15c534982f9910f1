"""What argparse says of a command line, in Chinese: the library has English words only."""

from __future__ import annotations

import re

_WORDS = (
    (r"^argument (.+?): ", r"参数 \1："),
    (r"invalid choice: (.+?) \(choose from (.+)\)", r"没有 \1 这一项，可选：\2"),
    (r"the following arguments are required: ", "缺少参数："),
    (r"unrecognized arguments: ", "无法识别："),
    (r"expected one argument", "应给出一个值"),
    (r"expected at least one argument", "应至少给出一个值"),
    (r"expected (\d+) arguments?", r"应给出 \1 个值"),
    (r"invalid int value: ", "应为整数，现为 "),
)


def in_chinese(message: str) -> str:
    """Return a message of argparse in Chinese; one that is not known stays as it is."""
    for pattern, words in _WORDS:
        message = re.sub(pattern, words, message)
    return message
