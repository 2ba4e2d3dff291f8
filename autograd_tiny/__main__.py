"""``python -m autograd_tiny``: the same as the command ``autograd-tiny``."""

import sys

from autograd_tiny_cli import main

if __name__ == "__main__":
    sys.exit(main())
