"""The write side of Cognate: from source files to a snapshot on disk."""
