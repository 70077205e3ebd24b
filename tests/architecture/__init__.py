"""The rules of the house: imports, sizes, names, what a start loads."""
