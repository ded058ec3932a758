"""When to practise what: local days, limits, an interview's date, fitted FSRS parameters."""
