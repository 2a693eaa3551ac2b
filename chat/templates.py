"""Names in the operator's sentences."""

import re

BLANK = re.compile(r"\{\{(bot|user)\}\}|\{(bot|user)\}")


def fill_names(template: str, *, bot: str, user: str) -> str:
    """Put the names in for `{bot}`, `{user}`, `{{bot}}` and `{{user}}`; every other brace stays as it is.

    In one pass, so that a person who calls themselves "{bot}" stays who they are.
    """
    names = {"bot": bot, "user": user}
    return BLANK.sub(lambda blank: names[blank[1] or blank[2]], template)
