"""Practice: explain a topic, be graded against its key points, come back when memory needs it."""
