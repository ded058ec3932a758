"""The Home page: what to do today, and the map of topics."""
