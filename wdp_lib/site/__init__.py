"""A round as pages: where it stands on one screen, and each indicator three clicks away."""

from wdp_lib.site.place import place_site
from wdp_lib.site.runs import write_runs
from wdp_lib.site.write import inner_pages, write_site

__all__ = ["inner_pages", "place_site", "write_runs", "write_site"]
