"""A corpus of the oddities that ids and papers have, and of as many plain ones as fill pages."""

ODD_DOI = "10.1002/(sici)1097-4571(199009)41:6<391::aid-asi1>3.0.co;2-9"
DOI = f"doi:{ODD_DOI}"
ODD_ID = "odd?id#1%41/../x"
SHA = "649def34f8be52c8b66281af98ae884c09aef38b"
KEY = "a-key-of-many-letters"
N_WHEAT = 1_204

ODDITIES: list[dict[str, object]] = [
    {
        "doi": ODD_DOI,
        "title": "Indexing by latent semantic analysis",
        "abstract": "A method for automatic indexing. It takes advantage of structure.",
        "authors": ["Deerwester, Scott", "Susan T. Dumais", "George W. Furnas"],
        "journal": "Journal of the Society, Information Science",
        "published": "1990-09-01",
        "type": "research-article",
        "url": "https://example.org/lsi",
        "identifiers": [
            "arxiv:2101.00001",
            "pmid:12345",
            "pmcid:PMC77",
            "acl:P18-1001",
            "acl:2020.acl-main.1",
            "corpusid:303",
            f"s2:{SHA}",
        ],
    },
    {
        "id": ODD_ID,
        "title": "The odd latent id",
        "abstract": "It stands in no address as it is.",
        "published": "2019",
        "type": "dataset",
    },
    {
        "id": "ends/authors",
        "title": "An id like an address",
        "authors": ["Ann Ray", "Bo Chen", "Dora Ek"],
        "published": "2019-05",
        "type": "review",
    },
    {"id": "untitled", "abstract": "Latent things have no title here."},
    {
        "doi": "10.48550/arXiv.2202.00002",
        "title": "Songs of whales in the latent sea",
        "abstract": "Whales sing of latent things at sea, and others listen to whales.",
        "authors": ["Ann Ray"],
        "journal": "arXiv",
        "published": "2022-02-02",
        "type": "preprint",
        "identifiers": ["arxiv:2202.00002"],
    },
    {
        "doi": "10.5555/whales",
        "title": "Songs of whales in the latent sea",
        "abstract": "Whales sing of latent things at sea, and others listen to whales.",
        "authors": ["Ann Ray"],
        "journal": "Journal of Whales",
        "published": "2023-01-15",
        "type": "conference-paper",
    },
]
"""The last two are versions of one work."""

WHEAT: list[dict[str, object]] = [
    {
        "id": f"w{number:04}",
        "title": f"Wheat field number {number}",
        "abstract": f"Soil {number} grows wheat.",
        "published": f"{1900 + number % 120}-{1 + number % 12:02}-{1 + number % 28:02}",
    }
    for number in range(N_WHEAT)
]

PAPERS = [*ODDITIES, *WHEAT]
N_WORKS = len(PAPERS) - 1
