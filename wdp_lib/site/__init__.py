"""A round as pages: where it stands on one screen, and each indicator three clicks away."""

from wdp_lib.site.write import write_site

__all__ = ["write_site"]
