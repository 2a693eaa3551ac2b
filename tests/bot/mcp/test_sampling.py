"""Outside servers may have our model write something: after a click, within bounds, and with nothing of ours in it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
import pytest_asyncio

from agent.model import ModelError, OnText
from agent.transcript import AssistantMessage, Completion, SystemMessage, TranscriptMessage, Usage, UserMessage
from bot.mcp.allowance import Allowance
from bot.mcp.sampling import ModelSampler
from chat.clock import utc_now
from chat.ids import UserId
from mcp_servers.outside.people import Sampled, SampledTurn, SamplingRefusedError, SamplingWish
from tests.bot.mcp.stage import Stage, stage
from tools.calls import Picture, ToolSpec

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("stage")) as made:
        yield made


class Writer:
    """A model that writes what it is told to, word by word, and keeps what it was asked."""

    def __init__(self, text: str = "A poem.", *, fails: bool = False, hangs: bool = False) -> None:
        self.name = "writer"
        self.asked: list[Sequence[TranscriptMessage]] = []
        self.written = ""
        self._text = text
        self._fails = fails
        self._hangs = hangs

    async def complete(
        self, messages: Sequence[TranscriptMessage], tools: Sequence[ToolSpec], *, on_text: OnText | None = None
    ) -> Completion:
        assert not tools
        self.asked.append(messages)
        if self._fails:
            raise ModelError("It is down.", detail="secret detail")
        if self._hangs:
            await asyncio.get_running_loop().create_future()
        for word in self._text.split(" "):
            self.written = f"{self.written} {word}".strip()
            if on_text:
                await on_text(self.written)
        return Completion(AssistantMessage(self.written), Usage(10, 5), self.name)


def wish(text: str, *, system: str = "", most: int = 100, seconds: float = 20.0) -> SamplingWish:
    return SamplingWish("poet", system, (SampledTurn(is_assistant=False, text=text),), most, seconds)


def sampler(there: Stage, writer: Writer, *, tokens: int = 10_000, vision: bool = False) -> ModelSampler:
    allowance = Allowance(tokens=tokens, clock=utc_now)
    return ModelSampler(
        model=writer,
        approver=there.approver,
        allowance=allowance,
        answer_tokens=1000,
        vision=vision,
    )


async def agreed(there: Stage, asked: ModelSampler, wanted: SamplingWish, label: str = "Do it") -> Sampled:
    task = asyncio.create_task(asked.sample(wanted, there.context()))
    question = await there.question(wanted.turns[0].text[:40])
    await there.press("mia", question, label)
    async with asyncio.timeout(10):
        return await task


async def test_the_asker_sees_everything_and_the_model_sees_nothing_else(there: Stage) -> None:
    writer = Writer()
    task = asyncio.create_task(
        sampler(there, writer).sample(wish("Write about rain", system="You rhyme", most=77), there.context())
    )
    question = await there.question("Write about rain")
    assert "You rhyme" in question.content
    assert "at most 77 tokens" in question.content
    assert writer.asked == []
    await there.press("mia", question, "Do it")

    assert await task == Sampled("A poem.", "writer")
    system, said = writer.asked[0]
    assert isinstance(system, SystemMessage)
    assert "You rhyme" in system.text
    assert isinstance(said, UserMessage)
    assert "Write about rain" in str(said.parts)
    assert "do it" not in str(writer.asked)


async def test_without_a_click_nothing_is_written(there: Stage) -> None:
    writer = Writer()
    with pytest.raises(SamplingRefusedError, match="did not agree"):
        await agreed(there, sampler(there, writer), wish("Write about snow"), "No")
    with pytest.raises(SamplingRefusedError, match="did not agree"):
        await sampler(there, writer).sample(wish("Write about ice", seconds=0.4), there.context())
    assert writer.asked == []


async def test_no_more_is_written_than_was_wished_for(there: Stage) -> None:
    writer = Writer("word " * 500)
    sampled = await agreed(there, sampler(there, writer), wish("Write at length", most=20))

    assert sampled.is_cut
    assert 40 < len(sampled.text) <= 80
    assert len(writer.written) < 200  # it was stopped, and not only cut


async def test_an_hours_allowance_is_all_there_is(there: Stage) -> None:
    writer = Writer()
    asked = sampler(there, writer, tokens=200)
    await agreed(there, asked, wish("Write about fog"))
    with pytest.raises(SamplingRefusedError, match="no tokens left"):
        await asked.sample(wish("Write about wind", most=190), there.context())

    assert len(writer.asked) == 1


async def test_what_is_too_long_or_empty_is_not_even_asked(there: Stage) -> None:
    asked = sampler(there, Writer(), tokens=1_000_000)
    for wanted in (wish("word " * 40_000), wish("Write", most=0), SamplingWish("poet", "", (), 10)):
        with pytest.raises(SamplingRefusedError, match="empty, or longer"):
            await asked.sample(wanted, there.context())


async def test_a_model_that_fails_or_hangs_is_a_plain_refusal(there: Stage) -> None:
    with pytest.raises(SamplingRefusedError, match=r"^The model gave no answer\.$"):
        await agreed(there, sampler(there, Writer(fails=True)), wish("Write about hail"))
    with pytest.raises(SamplingRefusedError, match="took too long"):
        await agreed(there, sampler(there, Writer(hangs=True)), wish("Write about mud", seconds=2.0))


@pytest.mark.parametrize("vision", [True, False])
async def test_pictures_go_only_to_a_model_that_sees(there: Stage, vision: bool) -> None:
    writer = Writer()
    picture = Picture("image/png", b"\x89PNG")
    turn = SampledTurn(is_assistant=False, text=f"What is this ({vision})?", pictures=(picture,))
    await agreed(there, sampler(there, writer, vision=vision), SamplingWish("poet", "", (turn,), 50))

    assert ("data:image/png;base64," in str(writer.asked)) is vision
    assert ("cannot see" in str(writer.asked)) is not vision


async def test_an_allowance_comes_back_after_an_hour_and_is_each_persons_own() -> None:
    now = utc_now()
    allowance = Allowance(tokens=100, clock=lambda: now)
    mia, bob = UserId(1), UserId(2)

    assert allowance.take(mia, 100)
    assert not allowance.take(mia, 1)
    assert allowance.take(bob, 100)
    allowance.settle(mia, held=100, used=60)
    assert not allowance.take(mia, 41)
    assert allowance.take(mia, 40)
    allowance.settle(mia, held=40, used=0)
    now += timedelta(minutes=61)
    assert allowance.take(mia, 100)
