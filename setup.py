"""Installs the kernel's description also with ``pip install -e``; everything else stands in pyproject.toml."""

import setuptools


class Distribution(setuptools.Distribution):
    """Says by the name that editable installs ask for whether there are data files (ordinary ones ask another)."""

    def has_data(self) -> bool:
        """Whether there is something to put under ``share``."""
        return self.has_data_files()


setuptools.setup(distclass=Distribution)
