"""The example of docs/plugins.md, put into a folder as it stands there, works."""

import re
from pathlib import Path

from tests.life.house import house

ROOT = Path(__file__).parent.parent.parent


async def test_the_twenty_lines_work_in_a_running_bot(tmp_path: Path) -> None:
    [example] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/plugins.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for line in example.splitlines() if line.strip()]
    assert len(lines) <= 20
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "kettle.py").write_text(example, encoding="utf-8")

    async with house(tmp_path) as home, home.bot(plugins={"folder": str(tmp_path / "plugins")}):
        await home.write("mia", "general", "time for tea everybody")
        await home.box.wait_for(lambda each: "/reactions/" in each.path)
        asked = await home.write("mia", "general", "!kettle this very morning")

        await home.answer(asked, "The kettle was on 1 times since this very morning, Mia.")
