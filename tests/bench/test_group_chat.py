"""The group chat of the benchmark is whole, and a slip of the pen in it is named."""

from pathlib import Path

import pytest

from bench.group_chat_files import KINDS, BrokenChatError, read

PEOPLE = "Ada\nOld Tom\n"
TALK = """@ 2025-01-02 18:00
Ada [cake-q]: who brings the cake?
Old Tom [cake > cake-q]: I do. {plum_cake.jpg}
"""


def written(folder: Path, more: str, people: str = PEOPLE) -> Path:
    (folder / "people.txt").write_text(people)
    (folder / "kitchen.txt").write_text(TALK + more)
    return folder


def test_the_chat_is_as_large_as_promised() -> None:
    chat = read()
    said = {message.id for message in chat.messages}

    assert len(said) == len(chat.messages) >= 1200
    assert len(chat.questions) >= 320
    assert len({message.author for message in chat.messages}) >= 14
    assert len({message.channel_id for message in chat.messages}) >= 8
    assert {question.kind for question in chat.questions} == set(KINDS)
    assert all(question.evidence and question.evidence <= said for question in chat.questions)
    assert len({question.text for question in chat.questions}) == len(chat.questions)


def test_messages_are_in_order_with_their_replies_and_files(tmp_path: Path) -> None:
    chat = read(written(tmp_path, "? who cake: who baked?\n"))
    asked, answered = chat.messages

    assert asked.created_at < answered.created_at
    assert answered.reply_to == asked.id
    assert (answered.author.name, answered.text) == ("Old Tom", "I do.")
    assert [file.filename for file in answered.attachments] == ["plum_cake.jpg"]
    assert [(each.kind, each.evidence) for each in chat.questions] == [("who", {answered.id})]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("Eve: hi\n", "kitchen.txt:4: 'Eve' is not in people.txt"),
        ("Ada [cake]: me too\n", "kitchen.txt:4: the key 'cake' is taken already, by kitchen.txt:3"),
        ("Ada [> pie]: yes\n", "kitchen.txt:4: answers to 'pie', which no message has as its key"),
        ("Ada [early > late]: yes\nAda [late]: no\n", "kitchen.txt:4: answers to 'late', which is not above it"),
        ("? who pie: who?\n", "kitchen.txt:4: its evidence 'pie' is the key of no message"),
        ("? whom cake: who?\n", "kitchen.txt:4: 'whom' is no kind of question"),
        ("? who cake cake: who?\n", "kitchen.txt:4: evidence is one to 4 different messages"),
        ("? several cake: who?\n", "kitchen.txt:4: only one message answers it"),
        ("? who baked the cake\n", "kitchen.txt:4: a question looks like this"),
        ("@ yesterday\n", "kitchen.txt:4: a time looks like this"),
        ("@ 2025-01-01 18:00\n", "kitchen.txt:4: goes back in time"),
        ("no colon here\n", "kitchen.txt:4: neither a time nor a question nor a message"),
    ],
)
def test_broken_data_is_refused_with_file_line_and_reason(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(BrokenChatError) as refused:
        read(written(tmp_path, more))

    assert str(refused.value).startswith(told)


def test_nobody_is_listed_twice_and_nothing_is_said_before_the_first_time(tmp_path: Path) -> None:
    with pytest.raises(BrokenChatError, match=r"people\.txt:3: 'Ada' is here twice"):
        read(written(tmp_path, "", PEOPLE + "Ada\n"))
    written(tmp_path, "")
    (tmp_path / "silence.txt").write_text("Ada: hello?\n")
    with pytest.raises(BrokenChatError, match=r"silence\.txt:1: a message before the first time"):
        read(tmp_path)
