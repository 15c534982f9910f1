"""``python -m wdp_lib.cli`` is the command ``wdp``."""

import sys

from wdp_lib.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
