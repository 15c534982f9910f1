"""The one reader of YAML.

Plain values only, each key once, no anchors, bounded in size and depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wdp_lib.core.errors import Problem, Text

MOST_BYTES, MOST_DEPTH = 1_000_000, 20
_TOO_DEEP = Text("层次过多", "too many levels")
_EXPECTED = Text("各项只写一次的 YAML 文件", "YAML with each key once")


@dataclass(frozen=True)
class Settings:
    """What a YAML file holds."""

    # its entries; empty where there is a problem
    content: dict[str, Any] = field(default_factory=dict)
    # line of each key and list entry, by path
    lines: dict[tuple, int] = field(default_factory=dict)
    problem: Problem | None = None  # why it could not be read


def read_yaml(path: Path) -> Settings:
    """Read a YAML 1.2 file of ``name: content``; never raises for what the file holds."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            return _refused(path, None, Text(f"{len(data)} 字节", f"{len(data)} bytes"))
        text = data.decode("utf-8-sig")
        yaml = YAML(typ="safe", pure=True)
        node = yaml.compose(text)
        for part, depth in _parts(node):
            line = part.start_mark.line + 1
            if depth > MOST_DEPTH:
                return _refused(path, line, _TOO_DEEP)
            if part.anchor:
                return _refused(path, line, Text("锚点或引用（& *）", "an anchor or alias (& *)"))
        content = None if node is None else yaml.constructor.construct_document(node)
    except FileNotFoundError:
        return _refused(path, None, Text("没有此文件", "no such file"), "missing_file")
    except UnicodeDecodeError:
        return _refused(path, None, Text("不是 UTF-8 编码", "not UTF-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        return _refused(path, line, Text(str(error.problem), str(error.problem)))
    except RecursionError:
        return _refused(path, None, _TOO_DEEP)
    except (YAMLError, ValueError) as error:
        told = str(error).splitlines()[0]
        return _refused(path, None, Text(told, told))
    if not isinstance(content, dict):
        return _refused(path, None, Text("没有“名称: 内容”", "no 'name: content'"))
    return Settings(content, _lines(node))


def _parts(node: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """A node and all below it, each with how many lists and mappings are around it."""
    if node is not None:
        yield node, depth
    if node is not None and node.id != "scalar":
        pairs = node.value if node.id == "mapping" else zip(node.value, strict=True)
        for part in (part for pair in pairs for part in pair):
            yield from _parts(part, depth + 1)


def _lines(node: Any, above: tuple = ()) -> dict[tuple, int]:
    found: dict[tuple, int] = {}
    if node is None or node.id == "scalar":
        return found
    children = node.value if node.id == "mapping" else [(part, part) for part in node.value]
    for number, (key, value) in enumerate(children):
        path = (*above, str(key.value) if node.id == "mapping" else number)
        found[path] = key.start_mark.line + 1
        found.update(_lines(value, path))
    return found


def _refused(path: Path, line: int | None, found: Text, rule: str = "not_yaml") -> Settings:
    advice = Text(
        "请检查该行的缩进、冒号和重复的名称，并以 UTF-8 编码保存。",
        "Check indents, colons and repeated names, and save as UTF-8.",
    )
    return Settings(problem=Problem(rule, path.name, line, None, found, _EXPECTED, advice))
