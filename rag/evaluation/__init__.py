"""Measuring: retrieval (SQuAD files), answers (RGB's form and ours), ingest."""
