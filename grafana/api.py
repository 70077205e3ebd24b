"""The dashboard of the API: rate, errors, latency."""

from grafana.board import Board, Row
from grafana.panels import GOOD, YES_IS_GOOD, Steps, bars, falling, lines, rising, stat

MEAN = "rate(api_request_latency_seconds_sum[5m]) / rate(api_request_latency_seconds_count[5m])"


def _quantile(share: float) -> str:
    rate = 'sum by (le) (rate(api_request_latency_seconds_bucket{handler="/predict"}[5m]))'
    return f"histogram_quantile({share}, {rate})"


NOW = Row(
    "Now",
    4,
    [
        stat(
            "Requests",
            "Calls to predict and feedback per second, mean of five minutes.",
            "sum(job:api_requests:rate5m)",
            "reqps",
        ),
        stat(
            "Failed",
            "Share of these calls answered with a 5xx in the last five minutes. The promise is "
            "at most 0.1 %. A client's own mistakes (4xx) do not count.",
            "max(job:api_errors:ratio_rate5m)",
            "percentunit",
            rising(0.001, 0.0144),
            decimals=2,
        ),
        stat(
            "Mean latency",
            "From a request's head to its answer, mean of five minutes, predict and feedback.",
            "max(job:api_request_latency_seconds:mean5m)",
            "s",
            rising(0.05, 0.1),
        ),
        stat(
            "p99 of /predict",
            "Of a hundred single predictions, 99 are faster. The promise is 100 ms.",
            _quantile(0.99),
            "s",
            rising(0.05, 0.1),
        ),
        stat(
            "Error budget left",
            "Of the failures that three days may have (0.1 % of the calls), the share that is "
            "still unspent. Below 0 the promise is broken.",
            "min(1 - job:api_errors:ratio_rate3d / 0.001)",
            "percentunit",
            falling(0, 0.25),
            decimals=0,
        ),
        stat(
            "Store",
            "Whether the store takes writes. While it is away predictions wait in the spool and "
            "feedback is refused.",
            "min(store_up)",
            "none",
            YES_IS_GOOD,
            words={0: "away", 1: "up"},
        ),
    ],
)

RATE = Row(
    "Rate",
    8,
    [
        lines(
            "Requests by handler",
            "Answered calls per second. `none` are paths that do not exist.",
            {"{{handler}}": "sum by (handler) (rate(api_requests_total[5m]))"},
            "reqps",
            least=0,
            stacked=True,
        ),
        lines(
            "Requests by status",
            "2xx are answers, 4xx a client's mistake, 5xx ours. 503 means no model or no store.",
            {"{{status}}": "sum by (status) (rate(api_requests_total[5m]))"},
            "reqps",
            least=0,
            stacked=True,
        ),
    ],
)

ERRORS = Row(
    "Errors",
    8,
    [
        lines(
            "How fast the error budget burns",
            "1 spends the budget of 0.1 % exactly over the month. From 14.4 over an hour somebody "
            "is paged, from 1 over three days there is a ticket.",
            {
                "1 hour": "max(job:api_errors:ratio_rate1h) / 0.001",
                "6 hours": "max(job:api_errors:ratio_rate6h) / 0.001",
                "3 days": "max(job:api_errors:ratio_rate3d) / 0.001",
            },
            "none",
            Steps(GOOD, ((1, "orange"), (14.4, "red"))),
            least=0,
            at_least_to=16,
        ),
        lines(
            "How fast the latency budget burns",
            "The same for predictions slower than 100 ms, of which there may be 1 %.",
            {
                "1 hour": "max(job:api_slow:ratio_rate1h) / 0.01",
                "6 hours": "max(job:api_slow:ratio_rate6h) / 0.01",
                "3 days": "max(job:api_slow:ratio_rate3d) / 0.01",
            },
            "none",
            Steps(GOOD, ((1, "orange"), (14.4, "red"))),
            least=0,
            at_least_to=16,
        ),
    ],
)

LATENCY = Row(
    "Latency",
    8,
    [
        lines(
            "Latency of /predict",
            "Half, 95 and 99 of a hundred single predictions are faster than these lines.",
            {"p50": _quantile(0.5), "p95": _quantile(0.95), "p99": _quantile(0.99)},
            "s",
            Steps(GOOD, ((0.1, "red"),)),
            least=0,
        ),
        lines(
            "Mean latency by handler",
            "The time spent in a handler, divided by its calls. A gap means no calls.",
            {"{{handler}}": MEAN},
            "s",
            least=0,
        ),
    ],
)

TOTALS = Row(
    "The plain figures",
    8,
    [
        bars(
            "Requests since the start of serving",
            "The plain counter `api_requests_total`; it begins at 0 when serving starts anew.",
            {"{{method}} {{handler}} {{status}}": "api_requests_total"},
            "short",
            Steps("blue"),
        ),
        bars(
            "What Prometheus reaches",
            "`up` of every target: 1 when its last reading worked.",
            {"{{job}}": "up"},
            "none",
            YES_IS_GOOD,
            most=1,
        ),
        lines(
            "Requests by method, handler and status",
            "The plain rate of that counter: every kind of call and answer apart.",
            {"{{method}} {{handler}} {{status}}": "rate(api_requests_total[5m])"},
            "reqps",
            least=0,
        ),
        lines(
            "Predictions in the spool",
            "Waiting for the store. Not 0 for long means that the store is away or too slow; at "
            "store.spool_rows or store.spool_mb predict answers 503.",
            {"predictions": "sum(store_spooled_rows)"},
            "short",
            least=0,
            at_least_to=10,
        ),
    ],
)

BOARD = Board(
    "boucle-api",
    "API",
    "Rate, errors and latency of serving, and the promises that it makes.",
    [NOW, RATE, ERRORS, LATENCY, TOTALS],
)
