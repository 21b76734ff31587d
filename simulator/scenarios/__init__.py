"""Scenarios: what should happen, in Dutch or English, played over the wire and explained when it did not.

A file of Gherkin is read (reading.py), its steps are matched with a closed vocabulary (vocabulary.py), checked without
starting anything (lint.py) and played, each scenario against a gateway process of its own (play.py, run.py). `library`
holds the scenarios themselves.

Not here: the played world and the wire (world.py and its parts, one folder up).
"""
