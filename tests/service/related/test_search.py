"""What a draft could cite: candidates, support, keys, neighbours, the bibliography, the patch."""

from pathlib import Path

import pytest

from index.errors import QueryError
from service.drafts.draft import read_draft
from service.drafts.patch import remove_insertions
from service.query import Filters
from service.search import SearchEngine
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.related.drafting import (
    DRAFT,
    EEG,
    STRUCTURE,
    SURVEYED,
    WHEAT,
    answer,
    ask,
    ids,
)


def test_a_sentence_is_given_the_article_that_says_it_with_its_sentence(
    engine: SearchEngine,
) -> None:
    found = answer(ask(engine), EEG)

    best = found.candidates[0]
    assert best.article.article_id == "doi:10.5555/eeg.1"
    assert best.rank == 1
    assert best.support.field == "abstract"
    assert best.support.text.startswith("Electroencephalography records brain signals")
    assert best.article.abstract is not None
    assert best.article.abstract[best.support.start : best.support.end] == best.support.text
    assert best.scores.match is not None
    assert 0.5 < best.scores.match <= 1
    assert 0 < best.cosine <= 1


def test_an_article_without_an_abstract_supports_by_its_title(engine: SearchEngine) -> None:
    best = answer(ask(engine), WHEAT).candidates[0]

    assert best.article.article_id == "doi:10.5555/soil.1"
    assert (best.support.field, best.support.text) == (
        "title",
        "Soil moisture and the yield of wheat",
    )


def test_a_sentence_that_needs_no_citation_gets_no_candidate(engine: SearchEngine) -> None:
    found = answer(ask(engine), STRUCTURE)

    assert not found.sentence.needs_citation
    assert found.candidates == ()


def test_nothing_is_offered_below_the_floor(engine: SearchEngine) -> None:
    text = f"{EEG}. Migrating cranes follow polarised skylight southwards."
    results = ask(engine, text)

    assert answer(results, "Migrating cranes").candidates == ()
    for candidate in answer(results, EEG).candidates:
        assert candidate.scores.match is not None
        assert candidate.scores.match > 0
    (sure,) = answer(ask(engine, text, min_match=0.5), EEG).candidates
    assert sure.article.article_id == "doi:10.5555/eeg.1"


def test_what_is_cited_anywhere_is_not_offered_again(engine: SearchEngine) -> None:
    cited = ask(engine)
    uncited = ask(engine, DRAFT.replace(r" \citep{chen2024survey}", ""))

    assert "doi:10.5555/eeg.2" not in ids(answer(cited, SURVEYED))
    assert [entry.key for entry in answer(cited, SURVEYED).cited] == ["chen2024survey"]
    assert ids(answer(uncited, SURVEYED))[0] == "doi:10.5555/eeg.2"


def test_no_version_of_a_cited_work_is_offered(tmp_path: Path) -> None:
    preprint = LIBRARY[0] | {"doi": "10.48550/arxiv.2501.00001", "type": "preprint"}
    engine = open_engine(build_library(tmp_path, [*LIBRARY, preprint]))
    bibliography = "@misc{mueller, title={x y z}, doi={10.48550/arXiv.2501.00001}}"

    offered = ask(engine, f"{EEG}.", bibliography=bibliography)
    left_out = ask(engine, f"{EEG} \\cite{{mueller}}.", bibliography=bibliography)

    best = answer(offered, EEG).candidates[0]
    assert (best.key, best.known) == ("mueller", True)
    assert len(best.versions) == 1
    assert {"doi:10.5555/eeg.1", "doi:10.48550/arxiv.2501.00001"}.isdisjoint(
        ids(answer(left_out, EEG))
    )
    engine.close()


def test_the_draft_itself_is_not_offered(engine: SearchEngine) -> None:
    text = DRAFT.replace("Feelings in the field", "Soil Moisture and the Yield of Wheat")

    assert "doi:10.5555/soil.1" in ids(answer(ask(engine), WHEAT))
    assert "doi:10.5555/soil.1" not in ids(answer(ask(engine, text), WHEAT))


def test_filters_hold_for_candidates_and_neighbours(engine: SearchEngine) -> None:
    filters = Filters(journals=("Journal of Fields",))
    results = ask(engine, DRAFT, filters=filters, bibliography=None, neighbours=5)

    offered = {candidate for one in results.sentences for candidate in ids(one)}
    assert offered == {"doi:10.5555/soil.1"}
    assert {one.hit.article.article_id for one in results.neighbours} <= {"doi:10.5555/soil.1"}


def test_keys_are_those_of_the_bibliography_or_new_ones_in_its_style(
    engine: SearchEngine,
) -> None:
    results = ask(engine)

    of_wheat = answer(results, WHEAT).candidates[0]
    of_eeg = answer(results, EEG).candidates[0]
    # by title and year: the entry has no DOI
    assert (of_wheat.key, of_wheat.known) == ("ek2023soil", True)
    assert (of_eeg.key, of_eeg.known) == ("muller2025recognising", False)
    assert "@article{muller2025recognising," in results.bibtex
    assert "ek2023soil" not in results.bibtex
    assert results.bibtex.count("@") == results.n_new


def test_neighbours_are_near_the_whole_and_not_cited(engine: SearchEngine) -> None:
    results = ask(engine, DRAFT, neighbours=2)

    near = [one.hit.article.article_id for one in results.neighbours]
    assert near
    assert len(near) <= 2
    assert "doi:10.5555/eeg.2" not in near
    keys = {one.hit.article.article_id: one.key for one in results.neighbours}
    assert keys.get("doi:10.5555/eeg.1", "muller2025recognising") == "muller2025recognising"


def test_every_entry_of_the_bibliography_is_checked(engine: SearchEngine) -> None:
    checked = {one.entry.key: one for one in ask(engine).entries}

    survey, soil, lute = (checked[key] for key in ("chen2024survey", "ek2023soil", "noone1999lute"))
    assert (survey.cited, survey.needed, survey.article_id) == (True, True, "doi:10.5555/eeg.2")
    assert (soil.cited, soil.needed, soil.article_id) == (False, True, "doi:10.5555/soil.1")
    assert (lute.cited, lute.needed, lute.article_id) == (False, False, None)
    assert soil.match is not None
    assert lute.match is not None
    assert soil.match > lute.match


def test_an_entry_is_nearest_to_a_sentence_that_needs_a_citation(engine: SearchEngine) -> None:
    results = ask(engine)

    (soil,) = [one for one in results.entries if one.entry.key == "ek2023soil"]
    assert soil.nearest is not None
    assert "yield of wheat" in results.sentences[soil.nearest].sentence.text
    assert results.unneeded == tuple(one for one in results.entries if not one.needed)


def test_a_key_that_the_bibliography_lacks_is_told(engine: SearchEngine) -> None:
    results = ask(engine, DRAFT.replace("chen2024survey", "nobody2001"))

    assert results.unknown == ("nobody2001",)


def test_the_patch_inserts_the_best_candidates_of_uncited_statements(
    engine: SearchEngine,
) -> None:
    results = ask(engine, DRAFT, insert_from=0.2)

    assert f"{EEG}~\\citep{{muller2025recognising}}. % a comment" in results.patch.text
    assert f"{WHEAT}~\\citep{{ek2023soil}}." in results.patch.text
    # what is cited already, what the draft itself says, and what needs none stay as they are
    assert results.patch.text.count("\\citep") == 3
    assert answer(results, WHEAT).gets == "ek2023soil"
    assert answer(results, "We say").gets is None
    assert answer(results, "We say").candidates
    assert remove_insertions(results.patch.text, results.patch.insertions) == DRAFT
    assert results.patch.diff.startswith("--- draft\n+++ draft\n@@")


def test_the_patch_inserts_nothing_less_probable_than_asked(engine: SearchEngine) -> None:
    results = ask(engine, DRAFT, insert_from=1.0)

    assert results.patch.insertions == ()
    assert results.patch.diff == ""


@pytest.mark.parametrize("sentence", ["Wheat needs soil moisture", f"Is it that {WHEAT.lower()}?"])
def test_the_patch_leaves_short_statements_and_questions_alone(
    engine: SearchEngine, sentence: str
) -> None:
    results = ask(engine, f"{sentence}{'' if sentence.endswith('?') else '.'}", insert_from=0.01)

    assert results.patch.insertions == ()


def test_numbers_go_on_and_get_their_references(engine: SearchEngine) -> None:
    text = f"{EEG}.\n\nReferences\n\n[1] Noone, E. (1999). Lute duets.\n"
    results = ask(engine, text, bibliography=None, insert_from=0.2, format="text")

    assert f"{EEG} [2]." in results.patch.text
    assert (
        "[2] Müller, A., & Chen, B. (2025). Recognising emotions from brain signals with graph "
        "networks. Journal of Signals. https://doi.org/10.5555/eeg.1"
    ) in results.patch.text


def test_the_draft_s_own_list_is_its_bibliography_where_none_is_given(
    engine: SearchEngine,
) -> None:
    text = (
        f"{WHEAT} [1].\n\nReferences\n\n[1] Ek, D. (2023). Soil moisture and the yield of wheat.\n"
    )
    results = ask(engine, text, bibliography=None)

    assert [one.entry.key for one in results.entries] == ["1"]
    assert results.entries[0].article_id == "doi:10.5555/soil.1"
    assert "doi:10.5555/soil.1" not in ids(answer(results, WHEAT))


@pytest.mark.parametrize("text", ["", "\\documentclass{article}", "12 34"])
def test_a_draft_of_no_sentence_gets_an_empty_answer(engine: SearchEngine, text: str) -> None:
    results = ask(engine, text or "%", neighbours=3)

    assert (results.sentences, results.neighbours, results.bibtex) == ((), (), "")
    assert [one.match for one in results.entries] == [None] * 3
    assert results.patch.text == (text or "%")


def test_a_bibliography_that_is_none_is_refused(engine: SearchEngine) -> None:
    with pytest.raises(QueryError) as caught:
        ask(engine, DRAFT, bibliography="Dear reader,")

    assert caught.value.field == "bibliography"


def test_answers_do_not_depend_on_what_is_asked_beside_them(engine: SearchEngine) -> None:
    whole, alone = ask(engine), ask(engine, f"{EEG}.")

    # but for what the draft cites, a sentence is answered as by itself
    cited = [entry.article.doi for entry in answer(whole, SURVEYED).cited]
    assert ids(answer(whole, EEG)) == [
        one for one in ids(answer(alone, EEG)) if one.removeprefix("doi:") not in cited
    ]
    assert read_draft(DRAFT).sentences == tuple(one.sentence for one in whole.sentences)
