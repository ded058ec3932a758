"""The examiner goes on: follow-up questions, and a mock interview under one clock."""
