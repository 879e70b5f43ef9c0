"""The page over any index, as a reader uses it: every behaviour checked, counts against the API.

What is asked is drawn (seeded) from the articles of the index itself. Run by `scripts.page`.
"""
