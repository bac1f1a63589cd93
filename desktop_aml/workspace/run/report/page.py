"""A report as one HTML file: no scripts, nothing from elsewhere, readable on paper."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Iterable
from html import escape
from typing import Final

from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.workspace.run.report.charts import Line, chart, style_of
from desktop_aml.workspace.run.report.gathering import Report, ReportedRun

MARKS_ID: Final = "desktop-aml-report"
"""Of the element that holds the marks of the runs, as JSON."""

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2127; --quiet: #5a6472; --line: #d8dde3; --paper: #fff; --field: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaee; --quiet: #a2acb8; --line: #39424d; --paper: #16191d; --field: #1f242a; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 70rem; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { color: var(--quiet); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; }
td.number { text-align: right; }
code { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { font-weight: 600; }
svg { width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--quiet); }
svg .rule { stroke: var(--line); }
polyline { fill: none; stroke-width: 1.8; }
.chip { display: inline-block; width: 1.6em; border-top: 3px solid; vertical-align: middle; margin-right: .4em; }
img { max-width: 100%; background: #fff; }
section { break-inside: avoid-page; }
"""


def page(report: Report) -> str:
    """Return a report as one HTML page that needs no other file and no network."""
    marks = {
        "made_at": report.made_at,
        "workspace": report.workspace,
        "runs": {one.detail.summary.id: dict(one.marks) for one in report.runs},
    }
    kept = json.dumps(marks).replace("<", "\\u003c")
    told = (
        f"{_names(report)} of the workspace “{escape(report.workspace)}”, as recorded on {_day(report.made_at)} by "
        f"Desktop AML {escape(report.program)}. Each number is of the run that heads its column or section. "
        "Whether a run changed since: <code>desktop-aml run report --check FILE</code>"
    )
    body = [
        f"<h1>{escape(report.title)}</h1>",
        f"<p>{told}</p>",
        _differences(report),
        _charts(report),
        *(_section(one, place) for place, one in enumerate(report.runs)),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(filter(None, body))
        + f'\n<script type="application/json" id="{MARKS_ID}">{kept}</script>\n</body></html>\n'
    )


def _names(report: Report) -> str:
    return "1 run" if len(report.runs) == 1 else f"{len(report.runs):,} runs"


def _day(at: float | None) -> str:
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _chip(place: int) -> str:
    color, dashes = style_of(place)
    return f'<span class="chip" style="border-color:{color};border-top-style:{"dashed" if dashes else "solid"}"></span>'


def _differences(report: Report) -> str:
    rows = [row for row in report.rows if row.differs()] if len(report.runs) > 1 else list(report.rows)
    if not rows:
        return "<p>These runs do not differ.</p>" if len(report.runs) > 1 else ""
    heads = "".join(
        f'<th title="{escape(one.detail.summary.id)}">{_chip(place)}{escape(one.detail.summary.display_name)}</th>'
        for place, one in enumerate(report.runs)
    )
    lines, section = [], ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append(f'<tr><th colspan="{len(report.runs) + 1}">{escape(section)}</th></tr>')
        lines.append(f"<tr><td>{escape(row.name)}</td>{''.join(map(_value, row.values))}</tr>")
    title = "Where they differ" if len(report.runs) > 1 else "Values"
    return f'<h2>{title}</h2><div class="wide"><table><tr><th></th>{heads}</tr>{"".join(lines)}</table></div>'


def _value(value: Scalar) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'<td class="number" title="{value!r}">{value:,.6g}</td>'
    return f"<td>{escape(str(value))}</td>"


def _charts(report: Report) -> str:
    lines: dict[str, list[Line]] = {}
    for place, one in enumerate(report.runs):
        for curve in one.metrics.curves:
            points = [
                (float(index if point.step is None else point.step), number)
                for index, point in enumerate(curve.points)
                if (number := _finite(point.value)) is not None
            ]
            lines.setdefault(curve.name, []).append(Line(place, one.detail.summary.display_name, points))
    drawn = [(name, picture) for name, curves in lines.items() if (picture := chart(name, curves))]
    figures = "".join(f"<figure><figcaption>{escape(name)}</figcaption>{picture}</figure>" for name, picture in drawn)
    return f'<h2>Metrics</h2><div class="charts">{figures}</div>' if drawn else ""


def _finite(value: Scalar) -> float | None:
    try:
        number = float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _section(one: ReportedRun, place: int) -> str:
    detail, summary = one.detail, one.detail.summary
    duration = summary.duration_s(time.time())
    facts = (
        ("Run", f"<code>{escape(summary.id)}</code>"),
        ("Experiment", f"{escape(summary.experiment)}, number {summary.number:,}"),
        ("State", escape(str(summary.state))),
        ("Why", escape(summary.error)),
        ("Started", _day(summary.started_at)),
        ("Duration", f"{duration:,.1f} s" if duration is not None else ""),
        ("Script", f"<code>{escape(' '.join((summary.script, *masked_arguments(detail.arguments))))}</code>"),
        ("Source", f"<code>{escape(detail.source_directory)}</code>"),
        ("Environment", escape(summary.environment)),
        ("Packages", f"<code>{detail.lock_hash}</code>" if detail.lock_hash else ""),
        ("Python", escape(detail.python_version)),
        ("Where", escape(summary.target)),
        ("Tags", escape(", ".join(f"{key}={value}" if value else key for key, value in detail.tags.items()))),
        ("Notes", escape(detail.description).replace("\n", "<br>")),
    )
    table = "".join(f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in facts if text)
    return (
        f"<section><h2>{_chip(place)}{escape(summary.display_name)}</h2><table>{table}</table>"
        f"{_pictures(one)}{_files(one.artifacts)}</section>"
    )


def _pictures(one: ReportedRun) -> str:
    figures = "".join(
        f'<figure><img alt="{escape(picture.path)}" src="data:{picture.media_type};base64,'
        f'{base64.b64encode(picture.content).decode()}"><figcaption>{escape(picture.path)}</figcaption></figure>'
        for picture in one.pictures
    )
    return f'<h3>Pictures</h3><div class="charts">{figures}</div>' if figures else ""


def _files(artifacts: Iterable[Artifact]) -> str:
    rows = "".join(
        f'<tr><td>{escape(file.path)}</td><td class="number">{file.size_bytes:,} B</td>'
        f"<td><code>{file.sha256}</code></td></tr>"
        for file in artifacts
        if file.path.startswith("outputs/")
    )
    return f'<h3>Outputs</h3><div class="wide"><table>{rows}</table></div>' if rows else ""
