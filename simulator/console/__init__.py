"""The verbs of the command line that speak with a running `serve` or `demo`, and those that look at its surroundings.

Every verb asks over HTTP (door.py) and shows the answer, or prints it as one JSON object with `--json`:

    {"verb": "text", "ok": true, …the answer…}        {"verb": "text", "ok": false, "error": "…"}

Exit codes: 0 done, 2 it could not be done: a slip of the pen, nobody there, refused.

Not here: what the actions do (world.py and the control_… modules, one folder up).
"""
