"""The index in files: FAISS and BM25, memory-mapped, in generations."""
