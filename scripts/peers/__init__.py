"""Other ways to serve the same articles, each a process with an HTTP port: see `by_hand`.

A peer prepares a folder from what it is given, then serves it. Its environment holds neither
`index` nor `service`; of `scripts` it imports `scripts.peers` only.
"""

HOST = "127.0.0.1"
"""Where peers are served."""
