"""Answers made to measure the citation guard: with true citations and false ones of every kind."""
