"""Could the command rebuild do what it is for?"""

import asyncio
import shutil
from collections.abc import AsyncIterator

from bot.doctor.findings import Finding, broken, ok
from bot.rebuild.checkout import Checkout
from bot.rebuild.program import this_release
from bot.rebuild.steps import StepFailed
from bot.settings.plugins import Rebuild

AREA = "rebuild"


async def check_rebuild(wishes: Rebuild) -> AsyncIterator[Finding]:
    """Nothing is fetched for this."""
    missing = [program for program in ("git", "make") if shutil.which(program) is None]
    if missing:
        yield broken(AREA, f"{' and '.join(missing)} cannot be found", "install it, or set rebuild.enabled = false")
        return
    here = await asyncio.to_thread(this_release)
    if here is None:
        yield broken(AREA, "this is no git checkout", "clone the source and run that, or set rebuild.enabled = false")
        return
    try:
        await Checkout(here.folder).remote(wishes.remote)
    except StepFailed:
        yield broken(AREA, f"the checkout has no remote {wishes.remote}", "write another rebuild.remote, or add it")
        return
    yield ok(AREA, f"version {here.short} follows {wishes.remote}/{wishes.branch}")
