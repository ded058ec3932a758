"""The Read page: the notes as a library."""
