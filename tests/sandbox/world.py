"""The little world of the sandbox's tests: one server, a private channel, a few people and a bot."""

from sandbox.world import World


def little_world(**bot: object) -> World:
    return World.model_validate(
        {
            "bots": [{"name": "digm", "token": "bot-token", **bot}],
            "people": [{"name": "loner", "token": "loner-token"}],
            "guilds": [
                {
                    "name": "Workshop",
                    "owner": "ada",
                    "roles": [
                        {"name": "crew", "permissions": ["MANAGE_MESSAGES"], "mentionable": True},
                        {"name": "bots", "permissions": ["MANAGE_THREADS", "MANAGE_CHANNELS", "MANAGE_ROLES"]},
                    ],
                    "members": [
                        {"name": "ada", "display_name": "Ada", "token": "ada-token"},
                        {"name": "bob", "display_name": "Bob", "token": "bob-token", "roles": ["crew"]},
                        {"name": "mia", "display_name": "Mia", "token": "mia-token"},
                        {"name": "digm"},
                    ],
                    "channels": [
                        {"name": "general"},
                        {
                            "name": "crew-only",
                            "overwrites": [
                                {"role": "@everyone", "deny": ["VIEW_CHANNEL"]},
                                {"role": "crew", "allow": ["VIEW_CHANNEL"]},
                            ],
                        },
                        {"name": "lounge", "kind": "voice"},
                    ],
                    "messages": [
                        {"channel": "general", "author": "mia", "text": "hello there", "ago": "3d", "key": "hello"},
                        {"channel": "general", "author": "bob", "text": "hi mia", "ago": "2d 4h", "reply_to": "hello"},
                        {"channel": "crew-only", "author": "bob", "text": "the safe code is 42", "ago": "1d"},
                    ],
                }
            ],
        }
    )
