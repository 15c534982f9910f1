"""Gaps between groups: how large, how sure, whether they narrow."""
