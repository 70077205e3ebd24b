"""The services with their versions in a bucket."""
