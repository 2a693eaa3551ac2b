"""Lines of talk for benches that need some: five parts put together, and a number."""

import random

NAMES = ("Mia", "Bob", "Kenji", "Ann", "Zed", "Olga", "Ravi", "Lena")
WHO = ("the ops team", "my sister", "the new intern", "our landlord", "the support desk", "that vendor", "nobody")
DID = ("deployed", "broke", "reviewed", "postponed", "ordered", "forgot", "paid for", "redesigned", "asked about")
WHAT = ("the login page", "the database migration", "forty pizzas", "the quarterly report", "the server room door")
WHEN = ("on Monday", "last night", "before lunch", "in March", "an hour ago", "twice", "while you were away")
WHY = ("because the disk was full", "and it was great", "so we need a plan", "which nobody expected", "again", "lol")


def line(chance: random.Random) -> str:
    return " ".join(chance.choice(part) for part in (WHO, DID, WHAT, WHEN, WHY)) + f" #{chance.randrange(9999)}"
