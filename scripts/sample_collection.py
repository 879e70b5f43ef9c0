"""A small collection in BEIR layout, made of the sample, to try what measures collections."""

import gzip
import json
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample" / "library.jsonl"
N_ARTICLES = 40
_EACH = 8


def write_sample_collection(folder: Path) -> Path:
    """Write a collection into a new folder, half of it gzipped, and give the folder.

    Every eighth article is sought by its first sentence, where the next one is judged not
    relevant, and is itself a query, to which all articles of its subject are relevant.
    """
    (folder / "qrels").mkdir(parents=True)
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()[:N_ARTICLES]
    articles = {article["article_id"]: article for article in map(json.loads, lines)}
    ids = list(articles)
    queries, judgements = [], [("query-id", "corpus-id", "score")]
    for place in range(0, len(ids) - 1, _EACH):
        sought, other = ids[place], ids[place + 1]
        title, abstract = articles[sought]["title"], articles[sought]["abstract"]
        known = {"_id": f"known {place}", "text": abstract.partition(". ")[0]}
        # as SciFact says in which sentences the evidence is
        queries.append(known | {"metadata": {sought: [{"sentences": [0]}]}})
        judgements += [(f"known {place}", sought, "1"), (f"known {place}", other, "0")]
        queries.append({"_id": sought, "text": f"{title} {abstract}"})
        judgements += [(sought, one, "1") for one in _same_subject(sought, ids)]
    documents = [
        {"_id": one, "title": article["title"], "text": article.get("abstract") or ""}
        for one, article in articles.items()
    ]
    with gzip.open(folder / "corpus.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(map(json.dumps, documents)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text("\n".join(map("\t".join, judgements)))
    return folder


def _same_subject(article_id: str, ids: list[str]) -> list[str]:
    subject = article_id.rpartition(".")[0]
    return [one for one in ids if one != article_id and one.rpartition(".")[0] == subject]
