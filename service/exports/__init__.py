"""Articles as others read them: files of references, rows of a table, a formatted reference.

What is written is read back by Cognate's own readers with nothing lost that the format can hold.
Nothing here knows how the articles were found.
"""
