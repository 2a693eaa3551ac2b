"""What buttons, menus and laid-out messages say, line by line."""

from collections.abc import Iterator, Sequence

from discord.components import (
    ActionRow,
    Button,
    Component,
    Container,
    FileComponent,
    MediaGalleryComponent,
    SectionComponent,
    SelectMenu,
    TextDisplay,
    ThumbnailComponent,
)

MAX_OPTIONS = 25
OURS = "digmbot:"
"""How the custom ids begin of what stands below the bot's answers."""


def lines(components: Sequence[Component]) -> Iterator[str]:
    """One line for each thing there is to read; what only decorates is left out."""
    for component in components:
        yield from _lines(component)


def _lines(component: Component) -> Iterator[str]:
    match component:
        case ActionRow(children=children):
            labels = [_label(child) for child in children if isinstance(child, Button) and not _is_ours(child)]
            if labels:
                yield f"[buttons: {', '.join(labels)}]"
            yield from lines([child for child in children if not isinstance(child, Button)])
        case Container(children=children):
            yield from lines(children)
        case SectionComponent(children=children, accessory=accessory):
            yield from lines([*children, accessory])
        case TextDisplay(content=content):
            yield content
        case SelectMenu(placeholder=placeholder, options=options):
            choices = ", ".join(option.label for option in options[:MAX_OPTIONS])
            yield f"[menu: {': '.join(filter(None, [placeholder, choices]))}]"
        case _:
            yield from _media(component)


def _media(component: Component) -> Iterator[str]:
    match component:
        case Button():
            yield f"[button: {_label(component)}]"
        case MediaGalleryComponent(items=items):
            yield from (_described("picture", item.description) for item in items)
        case ThumbnailComponent(description=description):
            yield _described("picture", description)
        case FileComponent(name=name):
            yield _described("file", name)
        case _:
            return


def _is_ours(button: Button) -> bool:
    """What the program puts below the bot's answers is no part of what the bot has said."""
    return bool(button.custom_id and button.custom_id.startswith(OURS))


def _label(button: Button) -> str:
    name = button.label or (str(button.emoji.name) if button.emoji else "no label")
    return f"{name} ({button.url})" if button.url else name


def _described(kind: str, description: str | None) -> str:
    return f"[{kind}: {description}]" if description else f"[{kind}]"
