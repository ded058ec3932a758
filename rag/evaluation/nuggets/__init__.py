"""Do answers state what a good answer must state? Nuggets, found by the spans that state them."""
