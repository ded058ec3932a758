"""Question → events → verified `Answer`."""
