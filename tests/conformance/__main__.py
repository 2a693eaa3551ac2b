"""`python -m tests.conformance [--only PART] [--verbose]`."""

import typer

from tests.conformance.run import main

typer.run(main)
