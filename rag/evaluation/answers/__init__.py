"""Answers over a question set, beside the plain recipe."""
