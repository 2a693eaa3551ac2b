"""From a file and an environment to settings, or to every problem in them at once."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.settings.environment import PATH_VARIABLE, environment_layer
from bot.settings.file import file_layer
from bot.settings.keys import FILE, KeyNames, Kind, Table, all_keys, given_keys, is_table, keys_of
from bot.settings.layers import Layer, dotted
from bot.settings.model import Settings
from bot.settings.problems import Problem, SettingsError
from bot.settings.running import data_home
from bot.settings.secrets import Redactor, secrets_of
from bot.settings.toml_lines import KeyPath
from bot.settings.wording import SILENT, missing, model_at, sentence

REPLY_MODEL = ("llm_reply", "model_name")  # a placeholder there is as good as nothing
NAME_ITSELF = "[key]"  # pydantic's word for a name of a table that is wrong, rather than its value


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and what else came to light while reading them."""

    settings: Settings
    path: Path | None
    """The file that was read; None when there is none."""
    warnings: tuple[str, ...]
    missing: tuple[Problem, ...]
    """What must be filled in before the bot can run; empty unless the caller allowed it to be missing."""
    origins: Mapping[KeyNames, str]
    """Where a value is from, as `file:line` or `environment DIGMBOT_X`; a key that is not in here has its default."""

    @property
    def configured(self) -> bool:
        """Whether there is a file, or anything of ours in the environment."""
        return self.path is not None or bool(self.origins)

    def require_complete(self) -> None:
        if self.missing:
            raise SettingsError(self.missing)

    @property
    def redactor(self) -> Redactor:
        """Takes every configured secret out of text."""
        return Redactor(secrets_of(self.settings))


def default_path(environ: Mapping[str, str]) -> Path:
    """Where the file is when nobody says: `~/.config/digmbot/config.toml`, or below `XDG_CONFIG_HOME`."""
    xdg = Path(environ.get("XDG_CONFIG_HOME", ""))
    home = Path(environ.get("HOME") or "~").expanduser()
    return (xdg if xdg.is_absolute() else home / ".config") / "digmbot" / "config.toml"


def chosen_path(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The file that counts: the one given, else the one of the environment, else the default one."""
    named = path or (Path(environ[PATH_VARIABLE]) if environ.get(PATH_VARIABLE) else None)
    try:
        return named.expanduser() if named else default_path(environ)
    except RuntimeError:  # ~somebody who does not exist, or nobody's home
        return named or Path("config.toml")


def load_settings(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    overrides: Mapping[str, Mapping[str, object]] | None = None,
    allow_missing: bool = False,
) -> Loaded:
    """Read the settings. The first that says something wins: `overrides`, the environment, the file, the default.

    The file is `path`, else what `DIGMBOT_CONFIG` names, else the default one, which alone may be absent. Where
    nothing at all is configured nothing is missing either: that is the demo. With `allow_missing`, values that are
    not filled in come back in `Loaded.missing`.

    Raises:
        SettingsError: with every problem that was found.
    """
    named = path is not None or bool(environ.get(PATH_VARIABLE))
    file = file_layer(chosen_path(path, environ), required=named)
    variables, warnings = environment_layer(environ, file.values if file else {})
    above = Layer("option", Path.cwd(), values={name: dict(table) for name, table in (overrides or {}).items()})
    layers = [layer for layer in (above, variables, file) if layer is not None]
    for layer in layers:
        layer.complete()
    values: Table = {}
    for layer in reversed(layers):
        _merge(values, layer.values)
    home_of_data: Table = {"storage": {"data_dir": str(data_home(environ))}}
    _merge(home_of_data, values)
    problems = [problem for layer in layers for problem in layer.problems]
    settings, invalid = _validated(home_of_data, layers)
    configured = not file.broken if file else bool(variables.values or above.values)
    lacking = _missing(layers, values, told={problem.key for problem in problems}) if configured else []
    problems += invalid if allow_missing else [*invalid, *lacking]
    if settings is None or problems:
        hide = Redactor(secret for layer in layers for secret in layer.secrets)
        told = dict.fromkeys(Problem(p.place, hide(p.key), hide(p.text)) for p in problems)
        raise SettingsError(sorted(told, key=_reading_order))
    shown = Path(file.name) if file else None
    warnings += _warnings(settings, file, layers) if configured else []
    return Loaded(settings, shown, tuple(warnings), tuple(lacking), _origins(settings, layers))


def _merge(under: Table, over: Table) -> None:
    for name, value in over.items():
        below = under.get(name)
        if is_table(below) and is_table(value):
            _merge(below, value)
        elif is_table(value) and below is None:  # what is no table stays, to be complained of
            under[name] = fresh = dict[str, object]()
            _merge(fresh, value)
        elif not is_table(value):
            under[name] = value


def _validated(values: Table, layers: Sequence[Layer]) -> tuple[Settings | None, list[Problem]]:
    try:
        # As JSON, because only there may lists be tuples and text be paths while numbers stay strictly numbers.
        return Settings.model_validate_json(json.dumps(values, default=_date)), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        paths = [tuple(part for part in e["loc"] if part != NAME_ITSELF) for e in found]
        told = [(at, sentence(e, at)) for at, e in zip(paths, found, strict=True) if e["type"] not in SILENT]
        return None, [Problem(_place(path, layers), dotted(path), text) for path, text in told]
    except RecursionError:
        return None, [Problem(_place((), layers), "", "tables or lists are nested too deeply")]


def _date(value: object) -> list[str]:
    """No key takes TOML's dates and times: a list of one text is of the wrong type everywhere."""
    return [str(value)]


def _place(path: KeyPath, layers: Sequence[Layer]) -> str:
    said = any(path in layer.lines or path in layer.variables for layer in layers)
    within = None if said else next((place for layer in layers if (place := layer.place_within(path))), None)
    return within or next((place for layer in layers if (place := layer.place(path))), layers[-1].name)


def _missing(layers: Sequence[Layer], values: Table, *, told: AbstractSet[str]) -> list[Problem]:
    """Placeholders that nothing above replaces, and required keys that nobody gives or is told to give already."""
    found: dict[KeyPath, Problem] = {}
    for layer in layers:
        for path in layer.placeholders:
            if path != REPLY_MODEL and not any(other.says(_secret_itself(path)) for other in layers):
                place = layer.place(path) or layer.name
                found.setdefault(path, Problem(place, dotted(path), missing(path, placeholder=True)))
    for path, key in all_keys(Settings):
        below = values.get(path[0])
        given = is_table(below) and below.get(path[1]) not in (None, "")
        given = given or bool(told & {dotted(path), dotted(path) + FILE})
        if key.required and not given and not any(_secret_itself(other) == path for other in found):
            found[path] = Problem(_place(path, layers), dotted(path), missing(path, placeholder=False))
    return list(found.values())


def _secret_itself(path: KeyPath) -> KeyPath:
    """The key whose value the file at `path` holds."""
    match path:
        case (*above, str(table), free) if table.endswith(FILE) and (model := model_at(tuple(above))):
            key = keys_of(model).get(table.removesuffix(FILE))
            if key and key.kind is Kind.SECRETS:
                return (*above, key.name, free)
        case _:
            pass
    return (*path[:-1], str(path[-1]).removesuffix(FILE)) if isinstance(path[-1], str) else path


def _origins(settings: Settings, layers: Sequence[Layer]) -> dict[KeyNames, str]:
    found: dict[KeyNames, str] = {}
    for path, _ in given_keys(Settings, settings):
        layer = next((layer for layer in layers if layer.says(path)), None)
        if layer is not None:
            found[path] = layer.place(path) or layer.name
    base, legacy = ("llm_general", "base_url"), settings.llm_general
    if base not in found:
        for name, value in (("chat_url", legacy.chat_url), ("completion_url", legacy.completion_url)):
            if value == legacy.base_url and ("llm_general", name) in found:
                found.setdefault(base, found["llm_general", name])
    return found


def _warnings(settings: Settings, file: Layer | None, layers: Sequence[Layer]) -> list[str]:
    told: list[str] = []
    if settings.general.owner_names:
        place = _place(("general", "bot_owners"), layers)
        told.append(
            f"{place}: general.bot_owners: anyone can take a name, so owners by name are unsafe; write their ids"
        )
    llm = settings.llm_general
    if not settings.llm_reply.model_name:
        host = urlsplit(llm.base_url).netloc
        told.append(
            f"{_place(REPLY_MODEL, layers)}: {dotted(REPLY_MODEL)} is not filled in; the first model that {host} lists "
            "is used"
        )
    for name, url in (("chat_url", llm.chat_url), ("completion_url", llm.completion_url)):
        if url is not None and url != llm.base_url:
            place = _place(("llm_general", name), layers)
            told.append(f"{place}: llm_general.{name}: is another server than base_url and not used; remove it")
    if file and file.secrets and file.readable_by_others:
        told.append(f"{file.name}: others on this machine can read the secrets in it; run chmod 600 on it")
    return told


def _reading_order(problem: Problem) -> tuple[str, int]:
    place, _, line = problem.place.rpartition(":")
    return (place, int(line)) if line.isdigit() else (problem.place, 0)
