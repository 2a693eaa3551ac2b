"""How answers came about: noted, kept for a while, told by `/why`."""
