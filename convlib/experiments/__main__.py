"""``python -m convlib.experiments [name …]``: run them, all by default."""

import sys

from convlib.experiments import NAMES, run

for name in sys.argv[1:] or NAMES:
    print(f"{name}: {run(name)['made']['seconds']} s")
