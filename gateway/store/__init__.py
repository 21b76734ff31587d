"""What is kept: one SQLite file, the transaction in which every item is judged, and the readers beside it."""
