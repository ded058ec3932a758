"""Fits the weights that ship with the program; its data are never test data."""
