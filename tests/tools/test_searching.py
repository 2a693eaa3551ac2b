"""A search made for everybody can be made again for its asker alone: with their rights, and nobody's else."""

import pytest

from tests.tools.calling import refused
from tests.tools.test_recall import Shelf, Standing
from tests.tools.world import Town
from tools.directory import Directory
from tools.native import NativeTools
from tools.permission import Permissions
from tools.recall import RecallTools
from tools.searching import Search, Searcher


@pytest.fixture
def shelf(town: Town) -> Shelf:
    town.say(town.ops, town.mia, "the migration runs tonight")
    town.say(town.leads, town.ada, "the migration costs us Tom")
    return Shelf(town)


@pytest.fixture
def standing() -> Standing:
    return Standing()


async def test_every_search_is_told_also_one_that_may_not_be_answered_here(
    town: Town, shelf: Shelf, standing: Standing, directory: Directory, permissions: Permissions
) -> None:
    heard: list[Search] = []
    tools = NativeTools(
        RecallTools(
            memory=shelf,
            verifier=standing,
            surface=town,
            directory=directory,
            permissions=permissions,
            searched=lambda _, search: heard.append(search),
        )
    )
    await refused(tools, town.ask(town.ada), "search_memory", query="migration", channel="leads")
    searcher = Searcher(memory=shelf, verifier=standing, permissions=permissions)

    assert [search.scopes for search in heard] == [[(town.here.id, town.leads.id)]]
    hers = await searcher.withheld(heard[0], town.ask(town.ada))
    his = await searcher.withheld(heard[0], town.ask(town.tom))
    assert [message.text for message in hers] == ["the migration costs us Tom"]
    assert his == []


@pytest.mark.parametrize("careless", [False, True])
async def test_what_is_withheld_here_is_for_those_who_may_read_it_and_nothing_that_is_told_here(
    town: Town, shelf: Shelf, standing: Standing, permissions: Permissions, careless: bool
) -> None:
    searcher = Searcher(memory=shelf, verifier=standing, permissions=permissions)
    search = Search(query="migration", scopes=[(town.here.id, None)], limit=8)
    hers = await searcher.withheld(search, town.ask(town.ada))
    shelf.careless = careless
    his = await searcher.withheld(search, town.ask(town.tom))

    assert [message.text for message in hers] == ["the migration costs us Tom"]
    assert not any("costs us Tom" in message.text for message in his)


async def test_what_was_deleted_meanwhile_is_withheld_from_the_asker_too(
    town: Town, shelf: Shelf, standing: Standing, permissions: Permissions
) -> None:
    searcher = Searcher(memory=shelf, verifier=standing, permissions=permissions)
    standing.gone = {town.places[town.leads.id].messages[0].id}

    assert (
        await searcher.withheld(Search(query="migration", scopes=[(town.here.id, None)], limit=8), town.ask(town.ada))
        == []
    )
