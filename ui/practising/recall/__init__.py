"""Quick recall on the Practice page: one short card after the other."""
