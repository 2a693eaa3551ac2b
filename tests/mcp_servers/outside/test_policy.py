"""Which tools are offered to whom, and as what: the operator's word over the server's."""

from dataclasses import replace

from chat.ids import GuildId, RoleId
from tests.mcp_servers.outside.house import links, plain
from tools.calls import Approval, Effect


async def test_the_operators_globs_decide_what_is_offered() -> None:
    async with links(plain(allow=("e*", "list_resources"), deny=("erase",))) as here:
        await here.up("plain")
        assert set(await here.specs()) == {"plain__echo", "plain__environment", "plain__list_resources"}
        assert (await here.call("plain__erase", what="all")).content.startswith("There is no tool called")
        refused = {each.name for each in here.outside.states()[0].left_out}
        assert "erase" in refused


async def test_only_the_operator_can_say_that_a_tool_reads_and_a_server_only_that_it_destroys() -> None:
    async with links(plain(approval=Approval.ALWAYS)) as here:
        await here.up("plain")
        specs = await here.specs()
        assert specs["plain__echo"].effect is Effect.WRITE  # though its server says that it only reads
        assert specs["plain__erase"].effect is Effect.DESTRUCTIVE
        assert specs["plain__slow"].effect is Effect.WRITE
        assert specs["plain__list_resources"].effect is Effect.READ
        assert specs["plain__erase"].approval is Approval.ALWAYS
    async with links(plain(reads=("e*",))) as here:
        await here.up("plain")
        specs = await here.specs()
        assert specs["plain__echo"].effect is Effect.READ
        assert specs["plain__erase"].effect is Effect.READ  # the operator vouches for it


async def test_a_server_is_offered_only_where_and_to_whom_it_is_meant_for() -> None:
    lead = RoleId(7)
    async with links(
        plain("anywhere"),
        plain("elsewhere", guilds=frozenset({GuildId(1)})),
        plain("leads", roles=frozenset({lead})),
    ) as here:
        await here.up("anywhere", "elsewhere", "leads")

        async def servers() -> set[str]:
            return {name.split("__")[0] for name in await here.specs()}

        assert await servers() == {"anywhere"}
        here.roles.add(lead)
        assert await servers() == {"anywhere", "leads"}
        direct = here.context(guild=None)
        assert {name.split("__")[0] for name in await here.specs(direct)} == {"anywhere"}
        here.roles.clear()
        assert (await here.call("leads__echo", text="x")).content.startswith("There is no tool called")


async def test_tools_stand_in_a_stable_order_and_say_whose_they_are() -> None:
    async with links(plain("b"), plain("a")) as here:
        await here.up("a", "b")
        names = list(await here.specs())
        assert names == list(await here.specs())
        assert [name[0] for name in names] == ["b"] * (len(names) // 2) + ["a"] * (len(names) // 2)
        echo = (await here.specs())["a__echo"]
        assert echo.title == "Say it back (a)"
        assert echo.description == "[a] The same text."
        assert echo.parameters == {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
        }


async def test_an_equal_wish_keeps_its_connection_and_a_changed_one_is_opened_anew() -> None:
    async with links(plain("same"), plain("changes"), plain("goes")) as here:
        await here.up("same", "changes", "goes")
        same, changes = here.connection("same"), here.connection("changes")
        here.outside.apply([plain("same"), plain("changes", deny=("erase",)), plain("comes")])
        assert here.connection("same") is same
        assert here.connection("changes") is not changes
        assert here.outside.connection("goes", here.town.ada.id) is None
        await here.up("changes", "comes")
        assert "changes__erase" not in await here.specs()
        assert (await here.call("same__echo", text="x")).content == "x"
        assert [each.name for each in here.outside.states()] == ["same", "changes", "comes"]
        wish = here.outside.wishes[0]
        assert wish == replace(wish)
