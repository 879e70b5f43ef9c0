"""Related work for a draft: what each of its sentences could cite, and what it does not cite.

    results = engine.related(RelatedQuery(text=draft, bibliography=bib))

`service.drafts` reads the draft and writes its patch; here its sentences are asked of an index.
"""
