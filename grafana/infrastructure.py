"""The dashboard of the infrastructure: targets, machine, containers, and the monitoring itself."""

from grafana.board import Board, Row
from grafana.panels import BAD, GOOD, YES_IS_GOOD, Steps, bars, falling, lines, rising, stat

DISK = 'device!~"loop.*|ram.*"'
PROCESSORS = 'scalar(count(node_cpu_seconds_total{mode="idle"}))'
NAMED = '{name!=""}'

NOW = Row(
    "Now",
    4,
    [
        stat(
            "Targets that answer",
            "Share of Prometheus' targets that answer. The panel below says which do not.",
            "avg(up)",
            "percentunit",
            Steps(BAD, ((1, GOOD),)),
            decimals=0,
        ),
        stat(
            "Processor",
            "Share of the processor time in use, mean of five minutes. Above 90 % for a quarter of "
            "an hour there is a ticket.",
            "max(instance:cpu_busy:ratio_rate5m)",
            "percentunit",
            rising(0.7, 0.9),
            decimals=0,
        ),
        stat(
            "Memory free",
            "What programs can still take. Below 10 % somebody is paged.",
            "min(instance:memory_available:ratio)",
            "percentunit",
            falling(0.1, 0.2),
            decimals=0,
        ),
        stat(
            "Disk free",
            "On the fullest disk. Below 10 % somebody is paged.",
            "min(instance:disk_available:ratio)",
            "percentunit",
            falling(0.1, 0.2),
            decimals=0,
        ),
        stat(
            "Alerts firing",
            "Without the watchdog, which always fires. Alertmanager shows them.",
            'count(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)',
            "none",
            Steps(GOOD, ((1, BAD),)),
        ),
        stat(
            "Alerts that got stuck",
            "Notices that Alertmanager could not deliver in the last hour.",
            "sum(increase(alertmanager_notifications_failed_total[1h]))",
            "none",
            Steps(GOOD, ((1, BAD),)),
            decimals=0,
        ),
    ],
)

MACHINE = Row(
    "Machine",
    8,
    [
        bars(
            "Targets",
            "`up` of every target: 1 when its last reading worked.",
            {"{{job}}": "up"},
            "none",
            YES_IS_GOOD,
            most=1,
            width=6,
        ),
        lines(
            "Processor by use",
            "`iowait` is waiting for the disk, `steal` what the host of a virtual machine took.",
            {
                "{{mode}}": 'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[5m])) '
                f"/ {PROCESSORS}"
            },
            "percentunit",
            width=9,
            stacked=True,
            least=0,
        ),
        lines(
            "Memory",
            "Free is what programs can still take, the file cache included.",
            {
                "in use": "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes",
                "free": "node_memory_MemAvailable_bytes",
            },
            "bytes",
            width=9,
            stacked=True,
            least=0,
        ),
        lines(
            "Disk space free",
            "By mount point. The alert also looks ahead by a day.",
            {"{{mountpoint}}": "instance:disk_available:ratio"},
            "percentunit",
            falling(0.1, 0.2),
            width=8,
            least=0,
            most=1,
        ),
        lines(
            "Disk traffic",
            "Bytes per second, read and written.",
            {
                "read": f"sum(rate(node_disk_read_bytes_total{{{DISK}}}[5m]))",
                "written": f"sum(rate(node_disk_written_bytes_total{{{DISK}}}[5m]))",
            },
            "Bps",
            width=8,
            least=0,
        ),
        lines(
            "Load by processor",
            "Programs that run or wait to, for each processor. Above 1 they wait for each other.",
            {
                "1 minute": f"max(node_load1) / {PROCESSORS}",
                "15 minutes": f"max(node_load15) / {PROCESSORS}",
            },
            "short",
            Steps(GOOD, ((1, "orange"),)),
            width=8,
            least=0,
            at_least_to=1.5,
        ),
    ],
)

CONTAINERS = Row(
    "Containers",
    8,
    [
        lines(
            "Processor by container",
            "1 is one whole processor.",
            {"{{name}}": f"sum by (name) (rate(container_cpu_usage_seconds_total{NAMED}[5m]))"},
            "short",
            stacked=True,
            least=0,
        ),
        lines(
            "Memory by container",
            "What cannot be given back, which is what the limit is about.",
            {"{{name}}": f"max by (name) (container_memory_working_set_bytes{NAMED})"},
            "bytes",
            stacked=True,
            least=0,
        ),
        bars(
            "Memory, as a share of the limit",
            "A container at 100 % is ended by the kernel and starts anew. From 90 % on there is a "
            "ticket.",
            {
                "{{name}}": f"max by (name) (container_memory_working_set_bytes{NAMED}) "
                f"/ (max by (name) (container_spec_memory_limit_bytes{NAMED}) > 0)"
            },
            "percentunit",
            rising(0.75, 0.9),
            most=1,
        ),
        bars(
            "Starts, last hour",
            "More than two within a quarter of an hour page somebody.",
            {"{{name}}": f"changes(max by (name) (container_start_time_seconds{NAMED})[1h:])"},
            "none",
            Steps(GOOD, ((1, "orange"), (3, BAD))),
        ),
    ],
)

MONITORING = Row(
    "Monitoring",
    7,
    [
        lines(
            "Time to read a target",
            "Near 10 s Prometheus gives up on it.",
            {"{{job}}": "scrape_duration_seconds"},
            "s",
            Steps(GOOD, ((10, BAD),)),
            width=8,
            least=0,
        ),
        lines(
            "Series in Prometheus",
            "Grows with labels. A steep rise means that a label takes ever new values.",
            {"series": "prometheus_tsdb_head_series"},
            "short",
            width=8,
            least=0,
        ),
        lines(
            "Notices delivered",
            "By Alertmanager, per minute. `webhook` is the alert log and serving.",
            {
                "{{integration}}": "sum by (integration) "
                '(rate(alertmanager_notifications_total{integration="webhook"}[5m])) * 60'
            },
            "cpm",
            width=8,
            least=0,
        ),
    ],
)

BOARD = Board(
    "boucle-infrastructure",
    "Infrastructure",
    "The machine, the containers on it, and whether the monitoring itself works.",
    [NOW, MACHINE, CONTAINERS, MONITORING],
)
