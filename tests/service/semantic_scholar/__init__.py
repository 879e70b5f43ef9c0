"""Tests of what stands in place of Semantic Scholar."""
