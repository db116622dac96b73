"""How often Python looks for circles among objects that nobody reaches any more."""

import gc

# Objects made before it looks. A request makes a few thousand, nearly all of them gone with it, and
# the start of a program some hundred thousand that stay: looking at every 700 was a tenth of a
# request's time and a fifth of a start's.
YOUNG_OBJECTS = 20_000


def look_seldom() -> None:
    gc.set_threshold(YOUNG_OBJECTS)


def keep_what_is_there() -> None:
    """What a program has made by now lives as long as it does, and is never looked at again."""
    gc.collect()
    gc.freeze()
