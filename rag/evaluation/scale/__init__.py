"""Search over many synthetic passages."""
