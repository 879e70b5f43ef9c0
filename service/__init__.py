"""The read side of Cognate: questions answered from a snapshot, over HTTP and the console."""
