"""What a notebook cell shows: a chart with its data as text, a table, a paragraph."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from wdp_lib.publish.charts.style import TICK, chart_style

# control characters, invisible ones, and those that turn the direction of writing
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
DPI = 110
COLOURS = 256


def seen(text: str) -> str:
    """Return a text without what cannot be seen and yet hides or turns what can."""
    return _UNSEEN.sub("", text)


class Shown:
    """What a cell of a notebook shows, with what is known about it for the index of a report."""

    def _repr_mimebundle_(self, include=None, exclude=None):
        about = {"wdp": self.about} if self.about else {}
        data = self._data() | {"text/plain": repr(self)}
        data = {kind: seen(one) if isinstance(one, str) else one for kind, one in data.items()}
        return data, {**self._metadata(), **about}

    def _metadata(self) -> dict:
        return {}


@dataclass(frozen=True, repr=False)
class Figure(Shown):
    """A drawn chart: a picture for people."""

    png: bytes
    description: str  # title, units and the drawn values in words; alternative text of the picture
    # ``methods, finding, heading``: what the index of a report says of it
    about: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.description

    def _data(self) -> dict:
        return {"image/png": self.png}

    def _metadata(self) -> dict:
        return {"image/png": {"alt": self.description}}


@dataclass(frozen=True, repr=False)
class Figures:
    """Several charts, each an output of its own: inside HTML their bytes would be compared."""

    figures: tuple[Figure, ...]
    about: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.figures))

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for figure in self.figures:
            display(replace(figure, about=self.about))


@dataclass(frozen=True, repr=False)
class Prose(Shown):
    """A paragraph in Markdown; ``plain`` is what it says, without marks."""

    text: str
    plain: str = ""
    about: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.plain or self.text

    def _data(self) -> dict:
        return {"text/markdown": self.text}


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """A table with a caption, notes below, and a class for coloured cells."""

    frame: pd.DataFrame  # numbers with words beside them, under words: to be sorted and selected
    caption: str
    notes: tuple[str, ...] = ()
    marks: pd.DataFrame | None = None  # CSS class of each cell of ``shown``, or ``""``
    # the same as a reader sees it, every cell a text; ``None``: ``frame`` holds texts
    shown: pd.DataFrame | None = None
    about: dict = field(default_factory=dict)
    source: str = ""  # the table it shows
    rows: tuple[str, ...] = ()  # what identifies each row there
    made: tuple = ()  # columns of the view
    fields: tuple[str, ...] = ()  # column of that table behind each column of numbers of ``frame``

    @property
    def texts(self) -> pd.DataFrame:
        """What a reader sees."""
        return self.frame if self.shown is None else self.shown

    def __repr__(self) -> str:
        lines = [self.caption, " | ".join(map(str, self.texts.columns))]
        lines += [" | ".join(map(str, row)) for row in self.texts.itertuples(index=False)]
        return "\n".join([*lines, *self.notes])

    def _data(self) -> dict:
        return {"text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        caption, texts = html.escape(self.caption), self.texts
        if texts.empty:
            said = "；".join(html.escape(str(column)) for column in texts.columns)
            return f'<p class="wdp-note">{caption}：{said}</p>'
        head = "".join(f'<th scope="col">{html.escape(str(c))}</th>' for c in texts.columns)
        marks = (
            [[""] * texts.shape[1]] * len(texts) if self.marks is None else self.marks.to_numpy()
        )
        body = "".join(map(_row, texts.to_numpy(), marks))
        notes = "".join(f'<p class="wdp-note">{html.escape(note)}</p>' for note in self.notes)
        table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        return f'<div class="wdp-table">{table}<tbody>{body}</tbody></table>{notes}</div>'


def _row(cells, marks) -> str:
    styles = (f' class="{html.escape(mark)}"' if mark else "" for mark in marks)
    shown = (f"<td{s}>{html.escape(str(cell))}</td>" for s, cell in zip(styles, cells, strict=True))
    return f"<tr>{''.join(shown)}</tr>"


@dataclass(frozen=True, repr=False)
class Tables(Shown):
    """Several tables one below the other."""

    tables: tuple[Table, ...]
    about: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self.tables))

    def _data(self) -> dict:
        told = [table for table in self.tables if not table.texts.empty] or self.tables[:1]
        return {"text/html": "".join(table._repr_html_() for table in told)}


def draw(axes) -> Figure:
    """Render the figure that holds ``axes`` and describe what is drawn; the figure is closed.

    ``axes``: any of the axes of the figure, or itself. Returns PNG of 110 dots an inch without
    software or date stamp, and the description.
    """
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure = getattr(axes, "figure", axes)
    with chart_style():
        figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        text = describe(figure)
    plt.close(figure)
    packed = io.BytesIO()
    places, palette = _palette(np.asarray(canvas.buffer_rgba()))
    picture = Image.fromarray(places, "P")
    picture.putpalette(palette.tobytes())
    picture.save(packed, format="png", compress_level=6)
    return Figure(packed.getvalue(), text)


def _palette(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of each dot in a palette of the most frequent colours, and the palette.

    A third of the size, and no difference that an eye could see: a channel has 64 steps, and what
    is rare, at the edges of lines and letters, takes the nearest colour.
    """
    red, green, blue = (picture[..., channel] >> np.uint8(2) for channel in range(3))
    codes = red.astype(np.uint32) << 12 | green.astype(np.uint32) << 6 | blue
    counted = np.bincount(codes.ravel(), minlength=64**3)
    codes_used = np.argsort(-counted, kind="stable")[: np.count_nonzero(counted)]
    steps = np.stack([codes_used >> 12, codes_used >> 6 & 63, codes_used & 63], axis=1)
    colours = steps << 2 | steps >> 4
    palette, rare = np.split(colours, [COLOURS])
    places = np.zeros(64**3, dtype=np.uint8)
    far = ((rare[:, np.newaxis] - palette) ** 2).sum(axis=2)
    places[codes_used] = np.concatenate([np.arange(len(palette)), far.argmin(axis=1)])
    return places[codes], palette.astype(np.uint8)


def describe(figure) -> str:
    """Return title, axis titles, drawn texts and every labelled line, band.

    The values are read from the drawn artists, not from the data behind them, so that the
    text changes whenever the picture does.
    """
    head = [text.get_text() for text in figure.texts if not text.get_gid()]
    return "\n".join(filter(None, [*head, *map(_describe_axes, figure.axes), *_panels(figure)]))


def _panels(figure) -> list[str]:
    """Each panel without axes: its title, lines and bands, and the notes beside them."""
    told: dict[str, list[str]] = {}
    for text in figure.texts:
        if text.get_gid() not in (None, TICK):
            told.setdefault(text.get_gid(), []).append(text.get_text())
    drawn: dict[str, list[str]] = {gid: [] for gid in told}
    for artist in figure.artists:
        if _named(artist):
            line = hasattr(artist, "get_xydata")
            said = _points(artist.get_label(), artist.get_xydata()) if line else _band(artist)
            drawn[artist.get_gid()].append(said)
    return ["\n".join([title, *drawn[gid], *notes]) for gid, (title, *notes) in told.items()]


def _describe_axes(axes) -> str:
    labels = [axes.get_title(loc) for loc in ("left", "center", "right")] + [
        axes.get_xlabel(),
        axes.get_ylabel(),
    ]
    lines = [" | ".join(label for label in labels if label)]
    lines += [_points(line.get_label(), line.get_xydata()) for line in axes.lines if _drawn(line)]
    for collection in axes.collections:
        if _named(collection):
            lines.append(_band(collection))
    for container in axes.containers:
        if _named(container) and hasattr(container, "patches"):
            lengths = [
                p.get_width() if container.orientation == "horizontal" else p.get_height()
                for p in container
            ]
            lines.append(f"{container.get_label()}: " + ", ".join(_short(x) for x in lengths))
    lines += [image.get_label() + ": " + _grid(image) for image in axes.images if _named(image)]
    ticks = [
        label.get_text()
        for axis in (axes.xaxis, axes.yaxis)
        for label in (axis.get_ticklabels() if axis.get_visible() else ())
        if _wordy(label.get_text())
    ]
    if ticks:
        lines.append(", ".join(ticks))
    lines += [text.get_text() for text in axes.texts if text.get_text() and text.get_gid() != TICK]
    return "\n".join(line for line in lines if line)


def _wordy(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _named(artist) -> bool:
    label = str(artist.get_label())
    return bool(label) and not label.startswith("_")


def _drawn(line) -> bool:
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


def _band(collection) -> str:
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
    """Four significant digits: what an eye can tell apart on a chart."""
    return f"{float(x):.4g}"
