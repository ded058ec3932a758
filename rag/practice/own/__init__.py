"""Notes without front matter: their points drafted, corrected by the learner, kept beside them."""
