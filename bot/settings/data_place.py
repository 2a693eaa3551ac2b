"""Where the data directory is, also where the rest of the configuration is not understood.

Which version of the program runs is written there, and the file may be one that only a newer version takes.
"""

from collections.abc import Mapping
from pathlib import Path

from bot.settings.environment import environment_layer
from bot.settings.file import file_layer
from bot.settings.keys import as_table
from bot.settings.load import chosen_path
from bot.settings.running import data_home


def data_place(config: Path | None, environ: Mapping[str, str]) -> Path:
    """As `load_settings` finds it."""
    file = file_layer(chosen_path(config, environ), required=False)
    variables, _ = environment_layer(environ, file.values if file else {})
    for layer in (variables, file):
        value = as_table(layer.values.get("storage")).get("data_dir") if layer else None
        if layer and isinstance(value, str) and value:
            return layer.path_of(value)
    return data_home(environ)
