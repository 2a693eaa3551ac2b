"""The server on which the tests of the bot's life play."""

from sandbox.world import World

CREW_ONLY: list[object] = [
    {"role": "@everyone", "deny": ["VIEW_CHANNEL"]},
    {"role": "crew", "allow": ["VIEW_CHANNEL"]},
    {"member": "digm", "allow": ["VIEW_CHANNEL"]},
]
MANY = 10


def life_world(*messages: object) -> World:
    return World.model_validate(
        {
            "bots": [{"name": "digm", "token": "bot-token", "display_name": "digm"}],
            "people": [{"name": "rival", "token": "rival-token", "bot": True}],
            "guilds": [
                {
                    "name": "Workshop",
                    "owner": "ada",
                    "roles": [{"name": "crew"}, {"name": "helpers", "mentionable": True}],
                    "members": [
                        {"name": "ada", "display_name": "Ada", "token": "ada-token"},
                        {"name": "bob", "display_name": "Bob", "token": "bob-token", "roles": ["crew"]},
                        {"name": "mia", "display_name": "Mia", "token": "mia-token"},
                        {"name": "rival", "bot": True},
                        {"name": "digm", "roles": ["helpers"]},
                    ],
                    "channels": [
                        {"name": "general"},
                        {"name": "ops", "topic": "deploys and outages"},
                        {"name": "crew-only", "overwrites": CREW_ONLY},
                        {
                            "name": "board",
                            "topic": "announcements",
                            "overwrites": [
                                {"role": "@everyone", "deny": ["SEND_MESSAGES"]},
                                {"member": "digm", "allow": ["SEND_MESSAGES"]},
                            ],
                        },
                        *({"name": f"room-{number}"} for number in range(MANY)),
                    ],
                    "messages": list(messages),
                }
            ],
        }
    )
