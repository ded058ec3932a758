"""Language, sentences, words and markup of a text; knows nothing of notes."""
