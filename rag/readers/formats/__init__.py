"""One module a file format: bytes → `Note`."""
