"""A report as a web page: one file that holds everything and loads nothing; jinja2, extra `html`."""

from voxlite.report.page.overview import overview_page
from voxlite.report.page.writing import write_page

__all__ = ["overview_page", "write_page"]
