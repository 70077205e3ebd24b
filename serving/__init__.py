"""The HTTP service on 8080."""
