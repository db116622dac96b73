"""`python -m marketplace_runtime`: how the supervisor calls the commands, installed or not."""

from marketplace_runtime.cli import main

main()
