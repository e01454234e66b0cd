"""`python -m appservice` is `school-spaces`."""

import sys

from appservice.cli import main

if __name__ == "__main__":
    sys.exit(main())
