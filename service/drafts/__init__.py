"""A draft and its bibliography: what its sentences say, cite and need, and how it is patched.

    draft = read_draft(text)
    bibliography = read_bibliography(bib)
    citations = cited(draft, bibliography)
    patch = patch_draft(draft, {7: ["smith2020parsing"]})

Text in, values out: nothing here knows of an index, an encoder or HTTP. The values are in
`draft` and `bibliography`; a file a noun holds the rest.
"""
