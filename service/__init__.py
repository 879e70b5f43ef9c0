"""The read side: questions in, ranked articles out; by HTTP, web page and console."""
