"""Whatever is typed as a question is words to look for, never a query language."""

from pathlib import Path

import pytest

from chat.ids import ChannelId
from memory import full_text
from memory.archive import Archive
from memory.scopes import Scope
from memory.words import STOP_WORDS, query
from tests.memory.parts import OTHER_GUILD, message, open_database


async def matches(folder: Path, question: str, *texts: str, scope: str = "g1") -> list[str]:
    """The texts that are found, best first."""
    said = {m.id: m.text for m in (message(n, text) for n, text in enumerate(texts))}
    async with open_database(folder) as database:
        await Archive(database).archive_many([message(n, text) for n, text in enumerate(texts)])
        found = await database.read(lambda c: full_text.search(c, Scope(scope), question, limit=10))
    return [said[id_] for id_, _ in found]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("who is migrating?", "the migration is on Thursday"),
        ('"unclosed AND (NOT near* col:logo -x ^ + {', "the new logo"),
        ("scope:g2 OR text:logo NEAR(a b)", "the new logo"),
        ("who suggested the LOGO?", "a logo with a fox"),
        ("mia", "hello"),  # who said it
        ("who are you", "I asked who are you, and nobody knew"),
        ("ロゴは誰が提案しましたか", "新しいロゴはケンジが提案しました"),
        ("ใครเสนอโลโก้", "เคนจิเสนอโลโก้ใหม่"),
        ("من اقترح الشعار", "اقترح كنجي الشعار الجديد"),
        ("로고", "새 로고를 제안했다"),
        ("数据库", "我们周四迁移数据库"),
        ("ÉCOLE", "l'ecole est finie"),
        ("logo " * 2_000, "the new logo"),
        (" ".join(f"word{n}" for n in range(1_700)), "word3 is here"),
    ],
)
async def test_a_question_finds_the_message(question: str, text: str, tmp_path: Path) -> None:
    assert await matches(tmp_path, question, "nothing of interest", text) in ([text], [text, "nothing of interest"])


@pytest.mark.parametrize("question", ["", "   ", "?!*\"'()", "🙂🙂", "\0", "_", "who are you"])
async def test_a_question_without_words_finds_nothing(question: str, tmp_path: Path) -> None:
    assert await matches(tmp_path, question, "hello there", "who you are") == []


async def test_a_rare_word_counts_more_than_a_common_one(tmp_path: Path) -> None:
    texts = ["the deploy is done", "deploy deploy deploy", "deploy the flamingo", "deploy again"]

    assert (await matches(tmp_path, "deploy flamingo", *texts))[0] == "deploy the flamingo"


async def test_words_are_found_in_their_own_server_only(tmp_path: Path) -> None:
    elsewhere = message(1, "the logo", guild=OTHER_GUILD, channel=ChannelId(20))
    private = message(2, "the logo", guild=None, channel=ChannelId(1))
    async with open_database(tmp_path) as database:
        await Archive(database).archive_many([elsewhere, private])
        found = {
            scope: [
                id_ for id_, _ in await database.read(lambda c, s=scope: full_text.search(c, Scope(s), "logo", limit=9))
            ]
            for scope in ("g1", "g2", "d1")
        }

    assert found == {"g1": [], "g2": [elsewhere.id], "d1": [private.id]}


def test_a_question_becomes_a_bounded_query() -> None:
    assert query("x" * 10_000).count('"') == 2
    assert query("日本 " * 50 + "語" * 10_000).count(" OR ") < 40
    assert not any(f'"{word}"' in query("when is the new logo done") for word in STOP_WORDS)
