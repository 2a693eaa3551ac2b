"""What a server says, shown as what it is: quoted, bounded, and without any effect of its markup."""

import re

from bot.text.clean import clean

LONGEST = 1200
"""Characters of a whole quote, marks included: with what stands around it, it fits one message."""

_MARKUP = re.compile(r"([\\*_~`|\[\]<>#])")


def quoted(text: str, longest: int = LONGEST) -> str:
    """A block quote. Nothing in it links, pings, or looks like ours."""
    lines = "\n".join(f"> {line}" for line in inert(text, longest).splitlines()) or "> (nothing)"
    return lines if len(lines) <= longest else lines[: longest - 1].rstrip("\\") + "…"


def inert(text: str, longest: int) -> str:
    """As plain words, of which the first so many are kept."""
    seen = clean(text)
    kept = seen if len(seen) <= longest else seen[: longest - 1] + "…"
    # A scheme that is cut in two is no link: what a server says is not for clicking. Nor does a cut @ ping.
    return _MARKUP.sub(r"\\\1", kept).replace("://", ":\u200b//").replace("@", "@\u200b")


def short(text: str, longest: int) -> str:
    """For labels, where no markup counts."""
    line = " ".join(clean(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
