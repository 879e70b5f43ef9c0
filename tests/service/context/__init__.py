"""Tests of context, in the order of its files."""
