"""Chunks, their vectors and words: `local` (FAISS and BM25) and `milvus`, one interface."""
