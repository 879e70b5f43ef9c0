"""What `scripts.scale` measures on a large corpus: building, recall, serving, growth."""
