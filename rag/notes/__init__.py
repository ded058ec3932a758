"""What a note is: value types that import no reader."""
