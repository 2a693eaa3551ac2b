"""A small local Discord: REST, gateway and a page, made from a world file. It knows nothing of the bot."""

from sandbox.faults import FaultSwitches
from sandbox.server import Person, Sandbox
from sandbox.world import World, WorldError, load_world

__all__ = ["FaultSwitches", "Person", "Sandbox", "World", "WorldError", "load_world"]
