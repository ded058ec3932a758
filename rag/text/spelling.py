"""British spellings of English words as the American ones, for finding: quantisation is what most
people ask for as quantization, and neither's stem is the other's.

A word that is no such pair may change, too (praise): notes and questions change alike.
"""

import re

# Not where the ending belongs to the word: supervise, precise, comprise, otherwise, premise.
_ISE = re.compile(
    r"(?<=[a-z]{3})(?<![vcw])(?<!pr)(?<!em)is(?=(?:e(?:s|d|rs?)?|ing|ations?|ational|able)$)"
)
_LYSE = re.compile(r"(?<=[a-z]{2}ly)s(?=(?:e(?:s|d|rs?)?|ing)$)")
_OUR = re.compile(r"^(behavi|col|fav|lab|neighb|flav|hon)our")


def american(word: str) -> str:
    """A lower-case English word as Americans spell it."""
    return _OUR.sub(r"\1or", _LYSE.sub("z", _ISE.sub("iz", word)))
