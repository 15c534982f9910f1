"""What a notebook cell shows: a chart with its data as text, a table, a paragraph."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

DPI = 110
COLOURS = 128


@dataclass(frozen=True)
class Figure:
    """A drawn chart: a picture for people, and the data it shows as text for readers of text and for comparison.

    Parameters
    ----------
    png : bytes
        The picture.
    description : str
        Title, units and the drawn values in words; alternative text of the picture.
    """

    png: bytes
    description: str

    def __repr__(self) -> str:
        return self.description

    def _repr_mimebundle_(self, include=None, exclude=None):
        return (
            {"image/png": self.png, "text/plain": self.description},
            {"image/png": {"alt": self.description}},
        )


@dataclass(frozen=True)
class Prose:
    """A paragraph in Markdown."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True)
class Table:
    """A table of texts with a caption, notes below, and a class for coloured cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        What is shown, already in words.
    caption : str
        Title above the table.
    notes : tuple of str
        Lines below it: sources, marks, units.
    marks : pandas.DataFrame or None
        Same shape: CSS class of a cell, or ``""``.
    """

    frame: pd.DataFrame
    caption: str
    notes: tuple[str, ...] = ()
    marks: pd.DataFrame | None = None

    def __repr__(self) -> str:
        lines = [self.caption, " | ".join(map(str, self.frame.columns))]
        lines += [" | ".join(map(str, row)) for row in self.frame.itertuples(index=False)]
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        if self.frame.empty:
            return f'<p class="wdp-note">{html.escape(self.caption)}：—</p>'
        head = "".join(f'<th scope="col">{html.escape(str(c))}</th>' for c in self.frame.columns)
        body = "".join(self._row(number) for number in range(len(self.frame)))
        notes = "".join(f'<p class="wdp-note">{html.escape(note)}</p>' for note in self.notes)
        table = (
            f"<table><caption>{html.escape(self.caption)}</caption><thead><tr>{head}</tr></thead>"
        )
        return f'<div class="wdp-table">{table}<tbody>{body}</tbody></table>{notes}</div>'

    def _row(self, number: int) -> str:
        cells = []
        for place, cell in enumerate(self.frame.iloc[number]):
            mark = "" if self.marks is None else self.marks.iat[number, place]
            style = f' class="{html.escape(mark)}"' if mark else ""
            cells.append(f"<td{style}>{html.escape(str(cell))}</td>")
        return f"<tr>{''.join(cells)}</tr>"


@dataclass(frozen=True)
class Tables:
    """Several tables one below the other."""

    tables: tuple[Table, ...]

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.tables))

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self.tables)


def draw(axes) -> Figure:
    """Render the figure that holds ``axes`` and describe what is drawn; the figure is closed.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Any of the axes of the figure.

    Returns
    -------
    Figure
        PNG of 110 dots an inch without software or date stamp, and the description.
    """
    import matplotlib.pyplot as plt

    figure = axes.figure
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
    text = describe(figure)
    plt.close(figure)
    return Figure(_small(stream), text)


def _small(stream: io.BytesIO) -> bytes:
    """Pack a picture with a palette: a third of the size, and no difference that an eye could see."""
    from PIL import Image

    packed = io.BytesIO()
    picture = Image.open(stream).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(packed, format="png", optimize=True)
    return packed.getvalue()


def describe(figure) -> str:
    """Return title, axis titles, drawn texts and every labelled line, band, bar and point with its values.

    The values are read from the drawn artists, not from the data behind them, so that the text changes whenever the picture
    does.
    """
    head = figure._suptitle.get_text() if figure._suptitle else ""
    parts = [head] + [text.get_text() for text in figure.texts if text is not figure._suptitle]
    parts += [_describe_axes(axes) for axes in figure.axes]
    return "\n".join(part for part in parts if part)


def _describe_axes(axes) -> str:
    labels = [axes.get_title(loc) for loc in ("left", "center", "right")] + [
        axes.get_xlabel(),
        axes.get_ylabel(),
    ]
    lines = [" | ".join(label for label in labels if label)]
    lines += [_points(line.get_label(), line.get_xydata()) for line in axes.lines if _drawn(line)]
    for collection in axes.collections:
        if _named(collection):
            lines.append(_collection(collection))
    for container in axes.containers:
        if _named(container) and hasattr(container, "patches"):
            lengths = [
                p.get_width() if container.orientation == "horizontal" else p.get_height()
                for p in container
            ]
            lines.append(f"{container.get_label()}: " + ", ".join(_short(x) for x in lengths))
    lines += [image.get_label() + ": " + _grid(image) for image in axes.images if _named(image)]
    ticks = [
        t.get_text()
        for t in (*axes.get_xticklabels(), *axes.get_yticklabels())
        if _wordy(t.get_text())
    ]
    if ticks:
        lines.append(", ".join(ticks))
    lines += [text.get_text() for text in axes.texts if text.get_text()]
    return "\n".join(line for line in lines if line)


def _wordy(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _named(artist) -> bool:
    label = str(artist.get_label())
    return bool(label) and not label.startswith("_")


def _drawn(line) -> bool:
    """Whether a line shows data; one kept out of the legend has its name behind a single underscore."""
    label = str(line.get_label())
    return bool(label.strip("_")) and not label.startswith("_child")


def _points(label: str, points: np.ndarray) -> str:
    label = label.lstrip("_")
    pairs = [
        f"{_short(x)} {_short(y)}"
        for x, y in np.asarray(points, float)
        if np.isfinite(y) and np.isfinite(x)
    ]
    return f"{label}: " + ", ".join(pairs)


def _collection(collection) -> str:
    """A band as the lower and upper edge at each place; markers as their places."""
    offsets = np.asarray(collection.get_offsets(), float)
    if offsets.size and np.any(offsets):
        return _points(collection.get_label(), offsets)
    edges: dict[float, list[float]] = {}
    for path in collection.get_paths():
        for x, y in path.vertices:
            edges.setdefault(float(x), []).append(float(y))
    pairs = [f"{_short(x)} {_short(min(ys))}–{_short(max(ys))}" for x, ys in sorted(edges.items())]
    return f"{collection.get_label()}: " + ", ".join(pairs)


def _grid(image) -> str:
    rows = np.asarray(np.ma.filled(np.ma.asarray(image.get_array(), float), np.nan))
    return "; ".join(" ".join("·" if np.isnan(x) else _short(x) for x in row) for row in rows)


def _short(x: float) -> str:
    """Four significant digits: what an eye can tell apart on a chart, and no more than CPUs agree on."""
    return f"{float(x):.4g}"
