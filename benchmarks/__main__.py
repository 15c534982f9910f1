"""Every figure about batches in one go: ``python benchmarks``; about 45 minutes on two processors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PARTS = {
    "Notebooks a minute beside papermill": "batches.py",
    "Warm kernels": "warm_kernels.py",
    "Forecasts and risk tables of a province and the country": "scale.py",
    "Notebooks of a sample of counties": "counties.py",
    "A thousand notebooks in a row": "endurance.py",
}


def main() -> int:
    """Run the parts one after another; a part that fails is told at the end."""
    failed = []
    for title, name in PARTS.items():
        print(f"\n## {title}\n", flush=True)
        if subprocess.run(
            [sys.executable, "-W", "ignore", str(Path(__file__).with_name(name))]
        ).returncode:
            failed.append(name)
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
