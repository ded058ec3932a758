"""An answer of the notes' own sentences."""
