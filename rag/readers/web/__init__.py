"""What web pages, and books made of them, are read with."""
