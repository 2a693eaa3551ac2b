"""`digmbot demo`: the bot on a local Discord, with a scripted stand-in when no LLM is reachable."""
