"""What Cognate's own exports say in words, where their format has no field for it.

Written by `service.exports`, read here, so that an export that is read again says the same.
"""

from collections.abc import Iterable

PROVIDER = "Cognate"
"""Who provides the records of an export, as RIS calls it (`DP`)."""
RETRACTED = "Retracted."
UNTITLED = "Title unknown; these are the first words of the abstract."


def says_untitled(notes: Iterable[str]) -> bool:
    """Whether a title stands there only because its format wants one."""
    return any(UNTITLED in note for note in notes)


def notes_retracted(notes: Iterable[str]) -> bool:
    """Whether a note begins by saying that the article was retracted."""
    return any(note.strip().startswith(RETRACTED) for note in notes)
