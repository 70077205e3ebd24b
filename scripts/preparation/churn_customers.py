"""The customers of an invented video service, and who of them leaves; used by `churn.py`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]

TARGET = "churn_label"
DRIFTS = ("none", "covariate", "target", "concept")
PLANS = ("basic", "standard", "premium")
PRICES = np.array([7.99, 12.99, 17.99])
DEVICES = ("tv", "mobile", "desktop", "tablet")
PAYMENTS = ("card", "paypal", "bank_transfer", "gift_card")


@dataclass(frozen=True)
class Market:
    """Where the features lie, apart from who churns: medians, mean counts and shares."""

    watch_hours: float = 22.0
    sessions: float = 16.0
    days_away: float = 4.0
    bitrate: float = 7.0
    rebuffers: float = 3.0
    tenure: float = 18.0
    price_factor: float = 1.0
    devices: tuple[float, ...] = (0.45, 0.25, 0.2, 0.1)
    autopay: float = 0.7


@dataclass(frozen=True)
class Rule:
    """Who churns: weights on log(1 + feature), and the score from which a customer leaves."""

    weights: dict[str, float]
    threshold: float
    noise: float = 0.25


USUAL_MARKET = Market()
# People move to their phones: more and shorter sessions on poorer networks, at a higher price,
# and many are new. What draws and what repels them balances, so that about as many churn.
PHONE_MARKET = Market(
    watch_hours=14.0,
    sessions=27.0,
    days_away=2.5,
    bitrate=5.0,
    rebuffers=5.5,
    tenure=12.0,
    price_factor=1.25,
    devices=(0.2, 0.6, 0.1, 0.1),
    autopay=0.85,
)
# Usually those leave who hardly watch; after the change, those who pay much for a poor picture.
USUAL_RULE = Rule(
    {
        "watch_hours_30d": -1.2,
        "sessions_30d": -0.8,
        "days_since_last_watch": 1.0,
        "rebuffer_events_7d": 0.6,
        "support_tickets_90d": 0.4,
        "monthly_price": 0.5,
        "autopay": -0.5,
    },
    threshold=-0.9,
)
CHANGED_RULE = Rule(
    {
        "monthly_price": 1.5,
        "rebuffer_events_7d": 1.2,
        "avg_bitrate_mbps": -1.2,
        "watch_hours_30d": 0.5,
        "tenure_months": 0.3,
    },
    threshold=6.25,
)


def draw_customers(rng: np.random.Generator, rows: int, market: Market) -> Columns:
    """Draw complete features; interest and connection are what a customer's numbers share."""
    interest, connection = rng.normal(size=(2, rows))
    hours = market.watch_hours * np.exp(0.9 * interest + 0.2 * rng.normal(size=rows))
    days = market.days_away * np.exp(-0.8 * interest + 0.2 * rng.normal(size=rows))
    bitrate = market.bitrate * np.exp(0.35 * connection + 0.1 * rng.normal(size=rows))
    plan = rng.choice(len(PLANS), size=rows, p=(0.35, 0.4, 0.25))
    prices = PRICES[plan] * market.price_factor * np.exp(0.06 * rng.normal(size=rows))
    tenure = rng.gamma(2.0, market.tenure / 2, rows).round()
    return {
        "watch_hours_30d": hours.clip(0.1, 600).round(1),
        "rebuffer_events_7d": rng.poisson(market.rebuffers * np.exp(-0.6 * connection)),
        "sessions_30d": rng.poisson(market.sessions * np.exp(0.7 * interest)),
        "avg_bitrate_mbps": bitrate.clip(0.5, 40).round(2),
        "days_since_last_watch": days.clip(0, 90).astype(int),
        "tenure_months": tenure.clip(1, 120).astype(int),
        "monthly_price": prices.round(2),
        "support_tickets_90d": rng.poisson(0.6 * np.exp(-0.5 * connection)),
        "plan": np.array(PLANS)[plan],
        "device": rng.choice(DEVICES, size=rows, p=market.devices),
        "payment_method": rng.choice(PAYMENTS, size=rows, p=(0.55, 0.25, 0.12, 0.08)),
        "autopay": rng.random(rows) < market.autopay,
    }


def decide_churn(rng: np.random.Generator, customers: Columns, rule: Rule) -> NDArray[np.bool_]:
    """Say who leaves: the rule on the features, with a little noise."""
    score = rng.logistic(-rule.threshold, rule.noise, len(customers["plan"]))
    for name, weight in rule.weights.items():
        score += weight * np.log1p(customers[name].astype(float))
    return score > 0


def draw_month(rng: np.random.Generator, rows: int, drift: str = "none") -> Columns:
    """Draw one month's features and labels, of the usual kind or drifted."""
    market = PHONE_MARKET if drift == "covariate" else USUAL_MARKET
    rule = CHANGED_RULE if drift == "concept" else USUAL_RULE
    drawn = 3 * rows + 100 if drift == "target" else rows
    table = draw_customers(rng, drawn, market)
    churned = decide_churn(rng, table, rule)
    table[TARGET] = churned.astype(int)
    if drift != "target":
        return table
    # Dropping two of three who stay makes 25 % churn 50 %, and leaves each class as it was.
    kept = np.flatnonzero(churned | (rng.random(drawn) < 1 / 3))[:rows]
    return {name: values[kept] for name, values in table.items()}
