"""What is kept of a learner, in one SQLite file: attempts, plans, appeals, interviews, moves."""
