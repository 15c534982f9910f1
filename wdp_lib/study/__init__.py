"""A study: everything known of one round, computed once and on demand, and shown in words."""

from wdp_lib.study.study import Study, open_study

__all__ = ["Study", "open_study"]
