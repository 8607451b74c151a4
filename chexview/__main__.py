"""``python -m chexview``."""

import sys

from chexview.cli import main

if __name__ == "__main__":
    sys.exit(main())
