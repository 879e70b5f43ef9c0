"""Titles and journals as they are cited."""

import pytest

from service.verification.titles import FoldedText, is_near_title, is_same_title, words_apart
from service.verification.venues import is_same_venue

ACL = "Proceedings of the 58th Annual Meeting of the Association for Computational Linguistics"
NAACL = (
    "Proceedings of the 2019 Conference of the North American Chapter of the Association for"
    " Computational Linguistics: Human Language Technologies, Volume 2 (Industry Papers)"
)
FINDINGS = "Findings of the Association for Computational Linguistics: ACL 2024"
TACL = "Transactions of the Association for Computational Linguistics, Volume 13"


def test_case_accents_and_punctuation_are_no_part_of_a_title_but_signs_are() -> None:
    assert is_same_title("Pre-Training: DÉJÀ vu", "Pretraining — deja vu")
    assert not is_same_title("Parsing C", "Parsing C++")
    assert not is_same_title("CD4+ cells", "CD4 cells")
    assert not is_same_title("Deep parsing of trees", "Deep parsing of threes")


def test_words_are_counted_that_make_one_title_of_another() -> None:
    assert words_apart("a b c d", "a c x d") == (2, 4)
    assert is_near_title("Deep parsing of long trees", "Deep parsing of tall trees")
    assert not is_near_title("Deep parsing of long trees", "Soil and wheat")
    assert not is_near_title("", "")


def test_a_title_is_found_only_where_it_stands_as_a_whole() -> None:
    text = FoldedText("Smith, J. (2020). Deep parsing of trees. Journal")

    place = text.find(["Deep Parsing of Trees"])
    assert place is not None
    assert text.text[place.start : place.end] == "Deep parsing of trees"
    assert text.find(["Deep parsing"]) is None
    assert text.find(["parsing of trees"]) is None
    assert text.find(["..."]) is None
    assert FoldedText("Parsing C++. 2011").find(["Parsing C++"]) is not None
    assert FoldedText("Parsing C++. 2011").find(["Parsing C"]) is None


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("ACL", ACL),
        ("Proc. ACL", ACL),
        ("Proc. 58th Annual Meeting of the Assoc. for Comput. Linguist.", ACL),
        ("NAACL-HLT", NAACL),
        ("NAACL", NAACL),
        ("Nat. Commun.", "Nature Communications"),
        ("J. Mach. Learn. Res.", "Journal of Machine Learning Research"),
        ("JMLR", "Journal of Machine Learning Research"),
        ("TACL", TACL),
        ("Transactions of the ACL", TACL),
        ("Findings of ACL", FINDINGS),
        ("LREC", "Proceedings of the Eighth Conference on Language Resources (LREC'12)"),
        ("CoNLL", "Proceedings of the 20th Conference on Computational Natural Language Learning"),
        ("Intl. Workshop on Trees", "International Workshop on Trees"),
        ("NATURE", "Nature"),
    ],
)
def test_a_journal_is_known_by_its_abbreviation_or_acronym(given: str, found: str) -> None:
    assert is_same_venue(given, found)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Science", "Nature"),
        ("Nature", "Nature Communications"),
        ("Journal of Fields", "Journal of Trees"),
        ("Proceedings of EMNLP", ACL),
        ("ACL", FINDINGS),
        ("Findings of ACL", ACL),
        ("2020", "Nature"),
        ("X", ACL),
    ],
)
def test_another_journal_is_told_apart(given: str, found: str) -> None:
    assert not is_same_venue(given, found)
