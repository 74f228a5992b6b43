"""A picture shows what it was given, from zero on, and nothing in it is a script or a style."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dashboard.chart import HEIGHT, STEP, Kind, Series, chart_svg, chart_top, round_up

values = st.lists(st.one_of(st.none(), st.floats(0, 1e9)), min_size=1, max_size=30)


def picture(kind: Kind, *series: Series, top: float = 10.0) -> ET.Element:
    titles = [f"step {place}" for place in range(len(series[0].values))]
    svg = chart_svg(kind, series, top=top, label="Calls", titles=titles)
    return ET.fromstring(svg)  # noqa: S314  # we have just made it


def paths(svg: ET.Element, kind: str) -> list[str]:
    return [str(p.get("d")) for p in svg.iter("path") if kind in str(p.get("class"))]


def test_bars_stand_on_the_ground_and_on_each_other() -> None:
    svg = picture(Kind.BARS, Series("good", [5, 0]), Series("bad", [2, 10]))
    good, bad = paths(svg, "chart-bar")
    assert good == "M0.75 100V50H9.25V100Z"
    assert bad == "M0.75 50V30H9.25V50ZM10.75 100V0H19.25V100Z"


def test_a_line_is_lifted_where_nothing_is_known() -> None:
    svg = picture(Kind.LINES, Series("first", [0, 10, None, 5]))
    [line] = paths(svg, "chart-line")
    assert line == "M5 100h0L15 0M35 50h0"


def test_each_step_says_its_numbers_when_pointed_at() -> None:
    svg = picture(Kind.LINES, Series("first", [1, 2]))
    pointers = list(svg.iter("rect"))
    assert [next(iter(p)).text for p in pointers] == ["step 0", "step 1"]
    assert [(p.get("x"), p.get("width")) for p in pointers] == [("0", "10"), ("10", "10")]
    assert svg.get("viewBox") == "0 0 20 100"


@given(values, st.sampled_from(Kind))
def test_nothing_leaves_the_picture(found: list[float | None], kind: Kind) -> None:
    series = [Series("first", found)]
    svg = picture(kind, *series, top=chart_top(kind, series))
    for path in paths(svg, "chart-bar") + paths(svg, "chart-line"):
        points = re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
        heights = [float(y) for _, y in points] + [float(y) for y in re.findall(r"V([\d.]+)", path)]
        assert all(0 <= height <= HEIGHT for height in heights)
        assert all(0 <= float(x) <= STEP * len(found) for x, _ in points)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), min_size=1))
def test_the_top_is_above_everything(pairs: list[tuple[float, float]]) -> None:
    series = [Series("a", [a for a, _ in pairs]), Series("b", [b for _, b in pairs])]
    assert chart_top(Kind.LINES, series) >= max(max(pair) for pair in pairs) * (1 - 1e-9)
    assert chart_top(Kind.BARS, series) >= max(map(sum, pairs)) * (1 - 1e-9)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0, 1),
        (5e-324, 1),
        (0.001, 0.001),
        (0.03, 0.05),
        (0.7, 1),
        (1, 1),
        (1.1, 2),
        (3, 5),
        (7, 10),
        (10, 10),
        (99, 100),
    ],
)
def test_tops_are_round_numbers(value: float, rounded: float) -> None:
    assert round_up(value) == pytest.approx(rounded)


def test_words_in_it_are_escaped_and_it_has_no_style() -> None:
    svg = chart_svg(
        Kind.BARS, [Series("good", [1])], top=1, label='"><script>', titles=["<b>&</b>"]
    )
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert "style=" not in svg
