"""Watches data and model: figures for Prometheus on 8083, Evidently's reports on 8082."""
