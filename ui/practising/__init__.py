"""The parts of the Practice page: one exercise with all that follows a grade, and an interview."""
