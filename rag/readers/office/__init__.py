"""What the Word and PowerPoint readers are made of."""
