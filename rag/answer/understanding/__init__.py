"""What a question means after what was asked before."""
