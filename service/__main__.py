"""Run the console command as `python -m service`, where it is not on the PATH."""

import sys

from service.cli import main

sys.exit(main())
