"""The citation guard."""
