"""Requests that mean harm: their bodies, their media, and very many of them at once."""
