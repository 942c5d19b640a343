"""`python -m cli`, the same as `gradpath`."""

from cli.main import main

main()
