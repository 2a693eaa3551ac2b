"""What the operator decides: one TOML file, the environment over it, and every mistake in either told at once.

`model` says which keys there are, `load` reads them, `show` and `reference` print them. Nothing is imported
here, so that the command line may know `problems` without waiting for pydantic.
"""
