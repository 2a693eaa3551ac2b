"""The plugins that come with the bot, each a file; `bot/plugins/opening.py` puts them in order."""
