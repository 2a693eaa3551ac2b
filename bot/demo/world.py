"""The world that ships with the sandbox."""

from importlib.resources import as_file, files

from sandbox.world import load_world
from sandbox.world_file import World


def demo_world() -> World:
    with as_file(files("sandbox") / "worlds") as folder:
        return load_world(folder / "demo.toml")
