"""JSON shapes of applications and their commands."""

from sandbox.models import Application, Command, Payload, User
from sandbox.wire import user_payload


def application_payload(application: Application, owner: User, bot: User, guild_count: int) -> Payload:
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "flags": application.flags,
        "flags_new": str(application.flags),
        "verify_key": "0" * 64,
        "owner": user_payload(owner),
        "bot": user_payload(bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": guild_count,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "tags": [],
    }


def command_payload(command: Command) -> Payload:
    payload: Payload = {
        "type": 1,
        "description": "",
        "default_member_permissions": None,
        "nsfw": False,
        **command.body,
        "id": str(command.id),
        "application_id": str(command.application_id),
        "version": str(command.version),
    }
    if command.guild_id is None:
        payload.setdefault("dm_permission", True)
    else:
        payload["guild_id"] = str(command.guild_id)
    return payload
