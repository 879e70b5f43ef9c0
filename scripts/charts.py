"""Charts of measurements, as SVG: panels side by side, each with lines or with bars.

Nothing here knows what is measured. A reader can see every number of a chart in the results
file that lies beside it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

WIDTH, HEIGHT = 360, 400
_LEFT, _RIGHT, _TOP, _AXIS = 52, 32, 34, 40
_PLOT_WIDTH, _PLOT_HEIGHT = WIDTH - _LEFT - _RIGHT, 220
_KEY_LINE = 15
_FILLED = 0.85  # of the width of a group; the rest parts it from the next
_SMALL = 8
# colours that stay apart for the colour-blind (Okabe and Ito 2008)
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")

SHARES = (0, 0.2, 0.4, 0.6, 0.8, 1)

Point = tuple[float, float]
Scale = Literal["linear", "log"]


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined by a line; `mark` is the place of one more value, drawn as a ring."""

    name: str
    points: Sequence[Point]
    mark: Point | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart of shares, or of what grows by factors, over shares or over what does.

    On a `log` axis ticks ascend from the least; what is less, 0 too, stands at the least.
    `diagonal` draws where what is said would be what is true.
    """

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    x_ticks: Sequence[float] = SHARES
    scale: Scale = "linear"
    diagonal: bool = False
    y_ticks: Sequence[float] = SHARES
    y_scale: Scale = "linear"


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one colour, one to each group; `marks` are one more value each, drawn as rings.

    `labels` stand above the bars in place of their values, where these are shares of others.
    """

    name: str
    values: Sequence[float]
    marks: Sequence[float] = ()
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BarPanel:
    """One chart of shares, from 0 to 1 upwards, as groups of bars that stand side by side."""

    title: str
    x_label: str
    y_label: str
    groups: Sequence[str]
    bars: Sequence[Bars]


def draw_panels(panels: Sequence[Panel | BarPanel]) -> str:
    """Draw panels side by side and give the SVG document."""
    width = WIDTH * len(panels)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        f'width="{width}" height="{HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        lines.append(f'<g transform="translate({WIDTH * number} 0)">')
        if isinstance(panel, BarPanel):
            lines += [*_draw_frame(panel), *_draw_bars(panel)]
        else:
            lines += [*_draw_frame(panel), *_draw_axis(panel), *_draw_lines(panel)]
        lines.append("</g>")
    return "\n".join([*lines, "</svg>"]) + "\n"


def _draw_frame(panel: Panel | BarPanel) -> Iterator[str]:
    bottom, right = _TOP + _PLOT_HEIGHT, _LEFT + _PLOT_WIDTH
    yield _text(WIDTH / 2, 18, panel.title, 'text-anchor="middle" font-weight="bold"')
    for tick in panel.y_ticks if isinstance(panel, Panel) else SHARES:
        y = _place_y(panel, tick) if isinstance(panel, Panel) else _y(tick)
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
        yield _text(_LEFT - 6, y + 4, f"{tick:g}", 'text-anchor="end"')
    yield _text(_LEFT + _PLOT_WIDTH / 2, bottom + 30, panel.x_label, 'text-anchor="middle"')
    middle = _TOP + _PLOT_HEIGHT / 2
    turned = f'text-anchor="middle" transform="rotate(-90 14 {middle:g})"'
    yield _text(14, middle, panel.y_label, turned)


def _draw_axis(panel: Panel) -> Iterator[str]:
    bottom, right = _TOP + _PLOT_HEIGHT, _LEFT + _PLOT_WIDTH
    for tick in panel.x_ticks:
        x = _x(panel, tick)
        yield f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#ddd"/>'
        yield _text(x, bottom + 14, f"{tick:,.7g}", 'text-anchor="middle"')
    if panel.diagonal:
        yield f'<path d="M{_LEFT} {bottom}L{right} {_TOP}" stroke="#888" stroke-dasharray="4 3"/>'


def _draw_lines(panel: Panel) -> Iterator[str]:
    for number, line in enumerate(panel.lines):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [(_x(panel, x), _place_y(panel, y)) for x, y in line.points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>'
        if line.mark is not None:
            x, y = _x(panel, line.mark[0]), _place_y(panel, line.mark[1])
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{colour}"/>'
        yield from _draw_key(number, line.name)


def _draw_bars(panel: BarPanel) -> Iterator[str]:
    of_group = _PLOT_WIDTH / len(panel.groups)
    width = of_group * _FILLED / len(panel.bars)
    for place, group in enumerate(panel.groups):
        middle = _LEFT + of_group * (place + 0.5)
        yield _text(middle, _TOP + _PLOT_HEIGHT + 14, group, 'text-anchor="middle"')
        for number, bars in enumerate(panel.bars):
            x = middle + width * (number - len(panel.bars) / 2)
            colour, value = _COLOURS[number % len(_COLOURS)], bars.values[place]
            size = f'width="{width:.1f}" height="{_PLOT_HEIGHT * value:.1f}"'
            yield f'<rect x="{x:.1f}" y="{_y(value):.1f}" {size} fill="{colour}"/>'
            above = f'text-anchor="middle" font-size="{_SMALL}"'
            label = bars.labels[place] if bars.labels else f"{value:.2f}"
            yield _text(x + width / 2, _y(value) - 5, label, above)
            if bars.marks:
                ring = f'cx="{x + width / 2:.1f}" cy="{_y(bars.marks[place]):.1f}" r="3"'
                yield f'<circle {ring} fill="#fff" stroke="#000"/>'
    for number, bars in enumerate(panel.bars):
        yield from _draw_key(number, bars.name)


def _draw_key(number: int, name: str) -> Iterator[str]:
    below = _TOP + _PLOT_HEIGHT + _AXIS + _KEY_LINE * number
    colour = _COLOURS[number % len(_COLOURS)]
    yield f'<path d="M{_LEFT} {below + 6}h18" stroke="{colour}" stroke-width="3"/>'
    yield _text(_LEFT + 24, below + 10, name, "")


def _x(panel: Panel, value: float) -> float:
    return _LEFT + _PLOT_WIDTH * _share(value, panel.x_ticks, panel.scale)


def _place_y(panel: Panel, value: float) -> float:
    return _y(_share(value, panel.y_ticks, panel.y_scale))


def _share(value: float, ticks: Sequence[float], scale: Scale) -> float:
    """Give how far along an axis, from its first tick to its last, a value stands."""
    first, last = ticks[0], ticks[-1]
    if scale == "log":
        value, first, last = (math.log10(max(one, first)) for one in (value, first, last))
    return (value - first) / (last - first)


def _y(share: float) -> float:
    return _TOP + _PLOT_HEIGHT * (1 - share)


def _text(x: float, y: float, text: str, attributes: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(text)}</text>'
