"""`rag practice …` and `rag interview …`."""
