"""Tests of related work, in the order of its files."""
