"""Tests of the read side, mirroring its files."""
