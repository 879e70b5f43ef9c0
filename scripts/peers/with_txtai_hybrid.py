"""txtai with words too: its index holds BM25 beside the embeddings, weighed half and half."""

from scripts.peers.given import run_peer
from scripts.peers.with_txtai import prepare_hybrid, serve

if __name__ == "__main__":
    run_peer(prepare_hybrid, serve)
