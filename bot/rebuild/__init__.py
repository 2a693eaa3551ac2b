"""`rebuild`: fetch the newest version, build and check it beside the running one, go on as it, come back if it fails.

`checkout.py` asks git, `steps.py` runs programs, `building.py` makes a version and its environment, `state.py` writes
down which version is to run, `program.py` carries that out when a process starts and ends, `rebuilder.py` does it all
when an owner asks.
"""
