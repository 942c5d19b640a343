"""`python -m cli`, the same as `gradpath`."""

from cli.start import main

main()
