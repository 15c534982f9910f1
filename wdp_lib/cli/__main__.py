"""``python -m wdp_lib.cli`` is the command ``wdp``."""

import sys

from wdp_lib.cli.command import main

sys.exit(main())
