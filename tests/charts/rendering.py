"""What helm makes of the chart and some values, in a form that a golden file can hold."""

import subprocess
from pathlib import Path

import yaml

from tests.support.processes.servers import ROOT

CHART = ROOT / "charts" / "boucle"
HERE = Path(__file__).parent
VALUES, GOLDEN = HERE / "values", HERE / "golden"
NAMES = sorted(path.stem for path in VALUES.glob("*.yaml"))
KNOWN = ("--api-versions", "monitoring.coreos.com/v1")


def render(*options):
    """The text, or what helm says against it."""
    command = ["helm", "template", "loop", str(CHART), "--namespace", "loop", *KNOWN, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr)
    return done.stdout


def render_named(name):
    return render("--values", str(VALUES / f"{name}.yaml"))


def objects(text):
    return [one for one in yaml.safe_load_all(text) if one]


def write_golden(text):
    """In one order, without what is made at random and what other files hold."""
    found = sorted(objects(text), key=lambda one: (one["kind"], one["metadata"]["name"]))
    for one in found:
        if one["kind"] == "Secret":
            one["data"] = dict.fromkeys(one["data"], "(made)")
        if "dashboard" in one["metadata"]["name"]:
            one["data"] = dict.fromkeys(one["data"], "(of grafana/json)")
    return yaml.safe_dump_all(found, sort_keys=True, width=100)


if __name__ == "__main__":
    for name in NAMES:
        (GOLDEN / f"{name}.yaml").write_text(write_golden(render_named(name)))
