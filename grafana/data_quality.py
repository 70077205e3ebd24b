"""The row of the dashboard of drift about damage: values missing or beyond range, rows repeated."""

from grafana.board import Row
from grafana.panels import BAD, GOOD, Steps, bars, lines, rising

QUALITY = Row(
    "Quality of the data",
    8,
    [
        lines(
            "Damaged values",
            "How many more of the rows than usual have a value that is missing, far beyond the "
            "reference's range, or of a category that it has not. From ten points on there is a "
            "ticket.",
            {"{{check}}": "data_quality:row_share_beyond_usual"},
            "percentunit",
            Steps(GOOD, ((0.1, BAD),)),
            least=0,
            at_least_to=0.2,
        ),
        bars(
            "The features with most damage",
            "Share of the window's values that fail a check.",
            {"{{feature}} {{check}}": "topk(8, data_quality_share)"},
            "percentunit",
            rising(0.02, 0.05),
            most=0.1,
        ),
        lines(
            "Repeated rows",
            "Share of the window's rows that repeat another. Near 1 a client sends the same again "
            "and again.",
            {"share": "max(data_quality_duplicate_share)"},
            "percentunit",
            Steps(GOOD, ((0.5, BAD),)),
            least=0,
            most=1,
        ),
        lines(
            "Stuck features",
            "Features that hold a single value in the window but vary in the reference, such as a "
            "sensor that has frozen.",
            {"features": "max(data_quality_constant_features)"},
            "short",
            Steps(GOOD, ((1, BAD),)),
            least=0,
            at_least_to=3,
        ),
    ],
)
