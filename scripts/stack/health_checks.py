"""The checks of the running stack, one for each part; they need Python alone. Used by doctor."""

import json
import shutil
import socket
from collections.abc import Callable
from typing import Any

from scripts.stack.compose_stack import ROOT, CheckFailed, ComposeStack, compose

LEAST_DISK = 0.1  # as the alert DiskFilling
OLDEST_REPORT_HOURS = 3.0
OLDEST_PASS_SECONDS = 300.0  # as the alert ReportStale
MOST_MEMORY_PERCENT = 90.0  # as the alert ContainerMemoryHigh


def login(user: str, service: str) -> str:
    """With the password that prepare handed to the service."""
    password = compose("exec", "-T", service, "cat", "/run/secrets/boucle/password")
    return f"{user}:{password.strip()}"


def check_services(stack: ComposeStack) -> str:
    state = {name: _state(stack.rows.get(name)) for name in stack.wanted}
    ill = {name: said for name, said in state.items() if said not in ("healthy", "running")}
    if ill:
        wrong = ", ".join(f"{name} is {said}" for name, said in ill.items())
        raise CheckFailed(wrong, f"docker compose up -d {' '.join(ill)}, then look at their logs")
    return f"{len(state)} are healthy"


def _state(row: dict[str, Any] | None) -> str:
    """Its health; whether it runs, where its image can say no more."""
    if row is None:
        return "not there"
    return str(row["Health"] or row.get("State") or "ending")


def check_ports(stack: ComposeStack) -> str:
    published = [place for places in stack.addresses().values() for place in places]
    for ip, port in published:
        try:
            socket.create_connection((ip, port), timeout=5).close()
        except OSError as error:
            todo = "is a firewall between, or the engine's proxy gone? restart the engine"
            raise CheckFailed(f"{ip}:{port} refuses: {error}", todo) from None
    return ", ".join(str(port) for _, port in sorted(published, key=lambda place: place[1]))


def check_api(stack: ComposeStack) -> str:
    said = stack.get("serving-api", "/readyz")
    if said["store"] != "up":
        raise CheckFailed("the store is away", "docs/runbooks.md#storedown")
    return f"version {said['model_version']} answers, the store is up"


def check_targets(stack: ComposeStack) -> str:
    targets = stack.get("prometheus", "/api/v1/targets")["data"]["activeTargets"]
    down = {one["labels"]["job"]: one["lastError"] for one in targets if one["health"] != "up"}
    if down:
        wrong = "; ".join(f"{job}: {error}" for job, error in down.items())
        raise CheckFailed(wrong, "docs/runbooks.md#targetdown")
    return f"{len(targets)} answer"


def check_rules(stack: ComposeStack) -> str:
    groups = stack.get("prometheus", "/api/v1/rules")["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    broken = [rule["name"] for rule in rules if rule.get("lastError")]
    if broken or not rules:
        wrong = f"these do not work: {', '.join(broken)}" if broken else "none is loaded"
        raise CheckFailed(wrong, "promtool check config prometheus/prometheus.yml")
    return f"{len(rules)} are loaded, {sum(rule['type'] == 'alerting' for rule in rules)} alerts"


def check_delivery(stack: ComposeStack) -> str:
    """The watchdog always fires: it must have come as far as Alertmanager, and none be stuck."""
    alerts = stack.get("alertmanager", "/api/v2/alerts", login("boucle", "alertmanager"))
    here = {alert["labels"]["alertname"] for alert in alerts}
    if "Watchdog" not in here:
        raise CheckFailed("Alertmanager has not heard the watchdog", "docs/runbooks.md#watchdog")
    stuck = stack.number("sum(increase(alertmanager_notifications_failed_total[15m]))") or 0
    if stuck >= 1:
        todo = "docker compose logs --tail 50 alertmanager"
        raise CheckFailed(f"{stuck:.0f} notices could not be delivered lately", todo)
    firing = ", ".join(sorted(here - {"Watchdog"})) or "nothing else"
    return f"alerts arrive; firing now: {firing}"


def check_source(stack: ComposeStack) -> str:
    """Grafana's data source, asked the way that its panels are."""
    if "grafana" not in stack.rows:
        raise CheckFailed("grafana is not there", "docker compose up -d grafana")
    path = "/api/datasources/uid/boucle-prometheus/health"
    said = stack.get("grafana", path, login("admin", "grafana"))
    if said.get("status") != "OK":
        raise CheckFailed(str(said.get("message", said)), "docker compose logs --tail 50 grafana")
    return "Grafana reads Prometheus"


def check_dashboards(stack: ComposeStack) -> str:
    told = []
    for path in sorted((ROOT / "grafana" / "json").glob("*.json")):
        panels = [panel for panel in json.loads(path.read_text())["panels"] if "targets" in panel]
        full = sum(any(_answers(stack, target) for target in p["targets"]) for p in panels)
        if not full:
            raise CheckFailed(f"{path.stem} has no panel with data", "see `targets` above")
        told.append(f"{path.stem} {full} of {len(panels)}")
    return "panels with data: " + ", ".join(told)


def _answers(stack: ComposeStack, target: dict[str, Any]) -> bool:
    return bool(stack.query(target["expr"]))


def check_report(stack: ComposeStack) -> str:
    age = stack.number("time() - max(reporting_last_pass_timestamp_seconds)")
    if age is None or age > OLDEST_PASS_SECONDS:
        raise CheckFailed(
            "the exporter has not looked at the rows lately", "docs/runbooks.md#reportstale"
        )
    made = stack.number("time() - max(reporting_last_snapshot_timestamp_seconds)")
    if made is None or made > OLDEST_REPORT_HOURS * 3600:
        raise CheckFailed("the Evidently report is old", "docker compose logs --tail 50 reporting")
    return f"looked {age:.0f} s ago, the Evidently report is {made / 60:.0f} minutes old"


def check_events(stack: ComposeStack) -> str:
    """Those that went to Elasticsearch, where it runs."""
    if "elasticsearch" not in stack.rows:
        return "Elasticsearch is not asked for: docs/logs.md"
    key = login("elastic", "elasticsearch")
    health = stack.get("elasticsearch", "/_cluster/health", key)["status"]
    if health == "red":
        raise CheckFailed("Elasticsearch is red", "docker compose logs --tail 50 elasticsearch")
    if (stack.number("increase(fluentbit_output_retries_total[5m])") or 0) >= 1:
        raise CheckFailed("Fluent Bit cannot deliver", "docs/runbooks.md#eventsnotdelivered")
    count = stack.get("elasticsearch", "/logs-boucle.events-*/_count", key)["count"]
    told = []
    for name in ("elasticsearch", "kibana", "fluent-bit", "event-shipper"):
        used = json.loads(compose("stats", "--no-stream", "--format", "json", name))
        told.append(f"{name} {used['MemUsage'].split(' /')[0]}")
        if float(used["MemPerc"].rstrip("%")) > MOST_MEMORY_PERCENT:
            todo = "raise ELASTICSEARCH_MEMORY or KIBANA_MEMORY, docs/stack.md"
            raise CheckFailed(f"{name} uses {used['MemUsage']}", todo)
    return f"{count} in Elasticsearch; memory: {', '.join(told)}"


def check_disk(_: ComposeStack) -> str:
    usage = shutil.disk_usage(ROOT)
    said = f"{usage.free / 1e9:.0f} GB free of {usage.total / 1e9:.0f}"
    if usage.free < LEAST_DISK * usage.total:
        raise CheckFailed(said, "docs/runbooks.md#diskfilling")
    return said


CHECKS: dict[str, Callable[[ComposeStack], str]] = {
    "services": check_services,
    "ports": check_ports,
    "api": check_api,
    "targets": check_targets,
    "rules": check_rules,
    "alert delivery": check_delivery,
    "data source": check_source,
    "dashboards": check_dashboards,
    "report": check_report,
    "events": check_events,
    "disk": check_disk,
}
