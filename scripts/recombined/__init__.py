"""A corpus of any size for measuring at scale: real articles, then others recombined of them."""
