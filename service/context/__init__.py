"""Context: the excerpts worth giving to a language model, and what was handed over."""
