"""A recording's findings: the value itself, and its ways onto a terminal, into files and into a picture."""
