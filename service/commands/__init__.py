"""The commands of the console, each group with its options and what runs."""
