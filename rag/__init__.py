"""Cited question answering and graded practice over study notes."""

__version__ = "0.1.0"
