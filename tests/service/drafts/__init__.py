"""Drafts, their bibliographies and patches."""
