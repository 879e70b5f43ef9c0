"""Answers constructed to measure the citation guard: true citations, and false ones of every kind."""
