"""Feeds of what answers a question or examples, ordered by when the index first had it.

Ordered by publication they would lose what comes late: a journal of last year that is indexed
today is news today.
"""
