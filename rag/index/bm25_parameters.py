"""BM25's two constants, alike in every engine (Robertson and Zaragoza 2009)."""

K1 = 1.2  # how soon a word said again counts no more
B = 0.75  # how much long passages are held back
