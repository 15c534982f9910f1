"""Learn the default forecaster anew.

``python -m benchmarks.training --data NATIONAL SUBNATIONAL --out FOLDER --left-out FOLDER``.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    """Read the command line and train.

    Needs the optional group ``train`` (``pip install -e .[train]``).
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--data", nargs=2, required=True, type=Path, metavar="PARQUET")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--left-out", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    from benchmarks.training.train import train

    train(*options.data, options.out, options.left_out, seed=options.seed)


if __name__ == "__main__":
    main()
