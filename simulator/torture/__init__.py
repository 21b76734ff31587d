"""A suite that grades any ESME by what it does on the wire when an SMSC misbehaves.

`listener` takes its connections, `wire` is one of them in the hand of a case, `play` is what a case has, `bodies`,
`bindings`, `framing` and the other themes are the cases, `catalogue` is all of them, `grade` plays them, `report`
says what came of it.

Rules of this package:
* Only the wire counts: what is answered with which status and sequence, whether frame alignment is kept, whether the
  ESME comes back. The subject's log, exit code and memory are nobody's business here.
* A case takes a fresh bind and starts nothing of its own. What it waits for has a bound that `Expected` gives.
* What a good ESME does is written beside each case with the clause of SMPP 3.4 or the reason.

Must not be put here: knowledge of any one ESME.
"""
