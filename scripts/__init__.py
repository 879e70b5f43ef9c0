"""Commands of the project: run, test, evaluate, measure."""
