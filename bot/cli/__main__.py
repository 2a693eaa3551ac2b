"""`python -m bot.cli` is `digmbot`."""

from bot.cli import main

main()
