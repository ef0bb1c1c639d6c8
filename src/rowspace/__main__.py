"""``python -m rowspace`` does the same as ``rowspace``."""

from rowspace.cli import main

if __name__ == "__main__":
    main()
