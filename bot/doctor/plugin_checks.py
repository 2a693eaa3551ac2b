"""Can the plugins be imported, and what was wrong with them since the bot was last started?"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bot.doctor.findings import Finding, broken, ok, warning
from bot.plugins.apart import Apart
from bot.plugins.finding import Candidate, candidates, imported
from bot.plugins.plugin import PluginError
from bot.settings.plugins import Plugins

AREA = "plugins"


async def check_plugins(wanted: Plugins, database: Path) -> AsyncIterator[Finding]:
    """They are imported for this, in threads of their own, and not made."""
    try:
        found = candidates(wanted.folder, installed=wanted.packages)
        there = [each for each in found if each.label not in wanted.disabled]
    except PluginError as error:
        yield broken(AREA, str(error), "see the section [plugins]")
        return
    for finding in await asyncio.gather(*map(_looked_at, there)):
        yield finding
    for name, problem, disabled in await asyncio.to_thread(_problems, database):
        if disabled:
            yield broken(AREA, f"{name} is switched off: it {problem}", "mend or remove it, and start the bot again")
        else:
            yield warning(AREA, f"{name} {problem}", "look at the log; after three such failures it is switched off")


async def _looked_at(candidate: Candidate) -> Finding:
    apart = Apart(candidate.label)
    await apart.start()
    try:
        made = await imported(candidate, apart)
    except PluginError as error:
        return broken(AREA, f"{candidate.label} ({candidate.origin}): {error}", "mend it, or name it in disabled")
    finally:
        await apart.stop()
    return ok(AREA, f"{made.name} comes from {candidate.origin}")


def _problems(database: Path) -> Sequence[tuple[str, str, bool]]:
    """What the bot wrote down. Nothing where there is no such database, or an older one."""
    if not database.exists():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT plugin, problem, disabled FROM plugin_health ORDER BY plugin").fetchall()
    except sqlite3.Error:  # what is wrong with the database itself is told elsewhere
        return []
    finally:
        connection.close()
    return [(str(name), str(problem), bool(disabled)) for name, problem, disabled in rows]
