"""Shows traffic, drift, quality, the latest report, and links to other tools."""

import html
import json
from pathlib import Path

import streamlit as st

from webapp.client.metrics_text import MetricSamples, MetricsUnavailable, read_figures
from webapp.client.serving import Client, ServingError
from webapp.monitoring_page.drift import show_drift
from webapp.session import Session
from webapp.settings import Settings
from webapp.texts import mark, say
from webapp.widgets.formats import ago, count
from webapp.widgets.offline_notice import show_offline_notice

REPORT, FACTS = "latest.html", "latest.json"
REPORT_HEIGHT = 900
FRAME = (  # if it were narrower, numbers would overlap; telephones scroll it sideways
    "body{margin:0;overflow:auto}"
    "iframe{border:0;width:100%;min-width:720px;height:calc(100vh - 4px);background:#fff}"
)


def show(client: Client, visit: Session) -> None:
    st.title(say("Monitoring"))
    visit.refresh_model(client)
    show_offline_notice(client, visit)
    _show_links(client.settings)
    if not visit.trouble:
        _show_traffic(client)
    figures = show_drift(client.settings.reporting)
    _show_report(client.settings.reports, visit, figures)


def _show_links(settings: Settings) -> None:
    links = {
        "Grafana": settings.grafana,
        "Prometheus": settings.prometheus,
        "Evidently": settings.evidently,
    }
    with st.container(horizontal=True):
        for name, address in links.items():
            if address:
                st.link_button(name, address, icon=":material/open_in_new:")


def _show_traffic(client: Client) -> None:
    st.header(say("Traffic"))
    try:
        figures = read_figures(client.metrics())
        loop = client.loop(limit=1)
    except (ServingError, MetricsUnavailable) as error:
        st.warning(str(error))
        return
    tiles = {
        say("Predictions since serving started"): figures.total("predictions_total"),
        say("Answers since serving started"): figures.total("feedback_total", outcome="recorded"),
        say("Answers until the next retraining"): loop.remaining,
    }
    with st.container(horizontal=True):
        for title, value in tiles.items():
            st.metric(title, count(value), border=True)


def _show_report(folder: Path, visit: Session, figures: MetricSamples | None) -> None:
    path = folder / REPORT
    st.header(say("Latest report"))
    if not path.is_file():
        st.info(say_no_report(figures))
        return
    st.markdown(f":gray[{say('Written {when}', when=ago(path.stat().st_mtime))}]")
    about, live = _read_version(folder / FACTS), (visit.model or {}).get("version")
    if about and live and about != live:
        older = mark("It is about version {about}; version {live} is live now.")
        st.warning(say(older, about=about, live=live))
    report = path.read_text(encoding="utf-8")
    st.download_button(
        say("Download the report"),
        report,
        file_name="report.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        help=say("Open it in the browser to see it in its full size."),
    )
    st.iframe(isolate(report), height=REPORT_HEIGHT)


def say_no_report(figures: MetricSamples | None) -> str:
    names = ("window", "least")
    found = (
        [figures.value(f"reporting_{name}_rows", data="predictions") for name in names]
        if figures
        else []
    )
    there, needed = found or (None, None)
    if there is None or needed is None:
        return say(
            "No report has been written yet. Reporting writes one when enough rows are there."
        )
    if there >= needed:
        return say(
            "No report has been written yet. There are rows enough: it comes within minutes."
        )
    return say(
        "No report has been written yet. Reporting writes one of {needed} predictions or more; "
        "there are {there}.",
        there=count(there),
        needed=count(needed),
    )


def _read_version(path: Path) -> str:
    """The version that the report is about, empty if it does not say so."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def isolate(report: str) -> str:
    """The report in a frame of another origin, so that text in the data cannot reach this page."""
    return (
        f"<style>{FRAME}</style>"
        f'<iframe sandbox="allow-scripts" title="Report" srcdoc="{html.escape(report)}"></iframe>'
    )
